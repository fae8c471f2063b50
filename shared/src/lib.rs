//! What the functions share.
//!
//! A request's way through this crate:
//!
//! - [`serve()`] sets up logging, [`Config`] and the database pool once, during init, then takes
//!   events from Lambda, makes them harmless ([`event`]) and gives each to the operation as an HTTP request;
//! - [`Caller`] verifies the token and compares its subject with the `{user_id}` of the path:
//!   the only way to be somebody ([`auth`]);
//! - [`TaskId`], [`ListRequest`] and [`Json`] take the rest of the request apart ([`http`]) into the domain
//!   types of [`task`], which cannot hold an invalid value;
//! - [`Tasks`] has every SQL statement; [`Database`] runs it as the caller, in one round trip ([`db`]);
//! - the operation returns an [`Answer`], or an [`Error`], which becomes problem+json.

pub mod auth;
pub mod config;
pub mod db;
pub mod error;
pub mod event;
pub mod http;
mod https;
pub mod invocation;
mod logging;
mod problem;
mod runtime;
pub mod serve;
pub mod task;
pub mod tasks;
mod tls;

pub use axum::extract::State;

pub use auth::Caller;
pub use config::Config;
pub use db::Database;
pub use error::{Answer, Error};
pub use http::{
    BatchAnswer, Conditional, Conditions, Confirmation, Created, Export, ExportRequest, Health,
    IdempotencyKey, Json, ListRequest, NoContent, Put, Stored, SummaryRequest, TaskId, TaskList,
};
pub use invocation::Invocation;
pub use serve::{StartError, serve, serve_alone};
pub use task::{Completion, NewTask, Task, TaskChanges};
pub use tasks::{Batch, Creation, Summary, Tasks};
