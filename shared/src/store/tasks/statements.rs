//! The statements in the form in which they are sent, for programs that measure or explain them.
//! Operations run them through [`Tasks`](super::Tasks).

pub use super::batch::batch;
pub use super::get::get;
pub use super::list::list;
pub use super::operation::operation;
pub use super::summary::summarize;
