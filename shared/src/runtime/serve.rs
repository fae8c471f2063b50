//! What the `main` of an operation calls.

use std::fmt;
use std::io;

use axum::handler::Handler;
use serde::Serialize;

use super::app::{App, AppError};
use super::configuration::{Config, ConfigError};
use super::direct::{self, InvocationError};
use super::{lambda, logging};
use crate::http::Invocation;
use crate::net::Chain;

/// Why a function cannot start. `main` returns it, so `Debug` shows the message, with its causes.
#[derive(thiserror::Error)]
pub enum StartError {
    /// Environment variables, or parameters in their place, are missing or wrong: all of them are
    /// listed.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The operation cannot be prepared.
    #[error(transparent)]
    App(#[from] AppError),
    /// The runtime cannot be started.
    #[error("the asynchronous runtime cannot be started")]
    Runtime(#[source] io::Error),
    /// The connection to Lambda's Runtime API was lost.
    #[error("the Lambda runtime has ended")]
    Ended(#[source] lambda_http::Error),
}

impl fmt::Debug for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Chain(self), f)
    }
}

/// Serves `operation` (its name is for the log) until Lambda ends the execution environment.
///
/// Everything that requests share is made here, during init, including the database connection. If
/// the database cannot be reached then, requests are answered with 503, and each tries again.
pub fn serve<H, T>(operation: &'static str, handler: H) -> Result<(), StartError>
where
    H: Handler<T, App> + Sync,
    T: 'static,
{
    block_on(async {
        let app = App::new(&Config::load().await?)?;
        let registered = lambda::disconnect_at_the_end(app.database());
        futures_util::join!(app.warm_up(), registered);
        let served = lambda::run(operation, handler, app).await;
        served.map_err(StartError::Ended)
    })
}

/// Serves an operation that needs no database, no token and no configuration.
pub fn serve_alone<H, T>(operation: &'static str, handler: H) -> Result<(), StartError>
where
    H: Handler<T, ()> + Sync,
    T: 'static,
{
    block_on(async {
        let served = lambda::run_alone(operation, handler).await;
        served.map_err(StartError::Ended)
    })
}

/// Serves an operation that is invoked without a request, such as by a schedule. Logs and answers what
/// each invocation did.
pub fn serve_invocations<H, F, R>(operation: &'static str, handler: H) -> Result<(), StartError>
where
    H: Fn(Invocation) -> F,
    F: Future<Output = Result<R, InvocationError>>,
    R: Serialize,
{
    block_on(async {
        let served = direct::run(operation, handler).await;
        served.map_err(StartError::Ended)
    })
}

fn block_on(serving: impl Future<Output = Result<(), StartError>>) -> Result<(), StartError> {
    logging::init();
    // One thread: statements that are polled together must reach the socket together (see `store`).
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build().map_err(StartError::Runtime)?;
    runtime.block_on(serving)
}
