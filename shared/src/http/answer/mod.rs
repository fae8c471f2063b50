//! What operations answer.

mod array;
mod batch;
mod conditional;
mod export;
mod health;
mod link;
mod list;
mod task;

pub use array::array;
pub use batch::BatchAnswer;
pub use conditional::Conditional;
pub use export::Export;
pub use health::Health;
pub use list::TaskList;
pub use task::NoContent;
