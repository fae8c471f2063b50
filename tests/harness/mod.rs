//! What the tests share: a database for each test, requests, replies, and two ways to call the
//! operations.

mod blocking;
mod contract;
mod database;
mod gateway;
mod handlers;
pub mod issuer;
mod moto;
mod node;
mod pgbouncer;
mod programs;
mod publisher;
mod reply;
mod request;
mod scripted_environment;
mod secrets;

pub use blocking::BlockingHandlers;
pub use database::{TestDatabase, every_migration};
pub use gateway::{Gateway, binaries, openapi, template};
pub use handlers::{Handlers, event};
pub use moto::{Credentials, Moto, Role};
pub use node::Node;
pub use pgbouncer::PgBouncer;
pub use programs::{have, have_python};
pub use publisher::Publisher;
pub use reply::Reply;
pub use request::{Request, token};
pub use scripted_environment::ScriptedEnvironment;
pub use secrets::Secrets;
pub use testbed::proxy::{Proxy, Traffic};
pub use testbed::root;

/// The secret that signs tokens.
pub const SECRET: &str = "a secret of the tests, longer than 32 bytes";
