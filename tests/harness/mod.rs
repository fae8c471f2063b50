//! What the tests share: a database for each, requests, answers, and two ways to the operations.

mod answer;
mod contract;
mod database;
mod environment;
mod gateway;
mod handlers;
pub mod issuer;
mod moto;
mod node;
mod pgbouncer;
mod programs;
mod proxy;
mod publisher;
mod request;
mod secrets;

pub use answer::Answer;
pub use database::Database;
pub use environment::Environment;
pub use gateway::{Gateway, binaries, openapi, root, template};
pub use handlers::{Handlers, event};
pub use moto::{Credentials, Moto, Role};
pub use node::Node;
pub use pgbouncer::PgBouncer;
pub use programs::{have, have_python};
pub use proxy::Proxy;
pub use publisher::Publisher;
pub use request::{Request, token};
pub use secrets::Secrets;

/// The secret that tokens are signed with.
pub const SECRET: &str = "a secret of the tests, longer than 32 bytes";
