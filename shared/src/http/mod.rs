//! HTTP: what operations take out of a request, and what they answer.

mod answer;
mod batch;
mod batch_answer;
mod conditional;
mod cursor;
mod etag;
mod export;
mod fields;
mod health;
mod idempotency;
mod invalid;
mod json;
mod list;
mod list_query;
mod path;
mod put;
mod query;
mod summary;
mod task_fields;
mod value;

/// The most bytes of tasks within Lambda's answer. Lambda's limit is 6 MB (6,291,556 bytes) for the
/// whole of it; the rest is for status and headers.
pub(crate) const MAX_ANSWER_BYTES: usize = 6 * 1024 * 1024 - 16 * 1024;

pub use answer::{Created, NoContent};
pub use batch_answer::BatchAnswer;
pub use conditional::{Conditional, Tagged};
pub use etag::{Conditions, EntityTag};
pub use export::{Confirmation, Export, ExportRequest};
pub use fields::{Field, Fields, FromFields};
pub use health::Health;
pub use idempotency::{IdempotencyKey, KEY_MAX_CHARS};
pub use invalid::InvalidField;
pub use json::Json;
pub use list::{TaskList, array};
pub use list_query::ListRequest;
pub use path::TaskId;
pub use put::{Put, Stored};
pub use summary::SummaryRequest;
pub use value::{Object, Value};
