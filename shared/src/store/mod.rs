//! The store: every SQL statement, and the connections that run them.
//!
//! It knows no token, no Lambda and no status code. Every request for a user's data presents a
//! [`Session`], which says whose data it is and how much time is left.

pub mod database;
mod error;
mod purge;
mod session;
pub mod tasks;
mod users;

pub use database::Database;
pub use error::StoreError;
pub use purge::{Purge, Purged, Retention};
pub use session::{Session, TimeBudget};
pub use tasks::Tasks;
pub use users::Users;
