//! The database of an execution environment: connections, and transactions on them.
//!
//! A transaction takes the role `todo_app` and the user's id as settings local to it, so that
//! row-level security holds whatever role the connection logged in with. `begin`, the settings, the
//! statements and `commit` are sent in one flush and answered in one: one round trip.

mod connect;
mod failure;
mod maintenance;
mod parameter;
mod pool;
mod refused;
mod statement;
mod transaction;

pub use connect::connect;
pub(super) use maintenance::Maintenance;
pub use parameter::{Element, Parameter};
pub use pool::Database;
pub use statement::{BoundValue, Statement};
pub use transaction::{Access, Repeat, Results};
