//! HTTP: what operations take out of a request, what they answer, and what they answer when they
//! fail.

mod answer;
mod body;
mod challenge;
mod conditions;
mod entity_tag;
mod error;
mod invalid;
mod problem;
mod request;
mod task_id;

pub use answer::{BatchAnswer, Conditional, Export, Health, NoContent, TaskList, array};
pub use body::{BatchRequest, FromMembers, Json, Member, Members, Value};
pub use conditions::Conditions;
pub use entity_tag::EntityTag;
pub use error::ApiError;
pub(crate) use error::Cause;
pub use invalid::InvalidField;
pub use request::{
    Caller, Confirmation, ExportRequest, IdempotencyKey, Invocation, ListRequest, NoParameters,
    SummaryRequest, UpdateRequest,
};
pub use task_id::TaskId;
