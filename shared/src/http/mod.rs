//! HTTP: what operations take out of a request, and what they answer.

mod answer;
mod fields;
mod health;
mod json;
mod list;
mod object;
mod path;
mod query;

pub use answer::{Created, NoContent};
pub use fields::{Field, Fields, FromFields, InvalidField};
pub use health::Health;
pub use json::Json;
pub use list::TaskList;
pub use path::TaskId;
pub use query::Query;
