//! The wiring: what happens before the first request and around each.

mod app;
pub mod configuration;
mod direct;
mod event;
mod lambda;
mod logging;
mod serve;
mod service;

pub use app::{App, AppError};
pub use axum::extract::State;
pub use configuration::{Config, ConfigError};
pub use direct::InvocationError;
pub use event::harmless;
pub use serve::{StartError, serve, serve_alone, serve_invocations};
pub use service::service;

/// The name of the operation, which is that of its binary (`CARGO_BIN_NAME`). The tests compile the
/// operations into a program of their own, and name them themselves.
#[macro_export]
macro_rules! operation {
    () => {
        option_env!("CARGO_BIN_NAME").unwrap_or_default()
    };
}
pub use operation;
