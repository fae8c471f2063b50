//! The store: every SQL statement, and the connections that run them.
//!
//! It knows no token, no Lambda and no status code. Whoever asks for something presents a [`Session`],
//! which says whose data it is about and until when there is time.

pub mod database;
mod error;
mod session;
pub mod tasks;
mod turns;
mod users;

pub use database::Database;
pub use error::StoreError;
pub use session::{Session, TimeBudget};
pub use tasks::Tasks;
pub use users::Users;
