//! HTTP: what operations take out of a request, and what they answer.

mod answer;
mod conditional;
mod cursor;
mod etag;
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
mod task_fields;
mod value;

pub use answer::{Created, NoContent};
pub use conditional::{Conditional, Tagged};
pub use etag::{Conditions, EntityTag};
pub use fields::{Field, Fields, FromFields};
pub use health::Health;
pub use idempotency::{IdempotencyKey, KEY_MAX_CHARS};
pub use invalid::InvalidField;
pub use json::Json;
pub use list::TaskList;
pub use list_query::ListRequest;
pub use path::TaskId;
pub use put::{Put, Stored};
pub use value::{Object, Value};
