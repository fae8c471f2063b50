//! Bodies of requests.

mod batch;
mod json;
mod members;
mod surrogates;
mod task;
mod value;

pub use batch::BatchRequest;
pub use json::Json;
pub use members::{FromMembers, Member, Members};
pub use value::Value;
