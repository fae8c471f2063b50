//! The only wiring: logging, configuration, pool and runtime loop.

use std::any::type_name;
use std::convert::Infallible;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::{Body, to_bytes};
use axum::extract::FromRef;
use axum::handler::Handler;
use axum::http::header::{
    CACHE_CONTROL, HeaderValue, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use lambda_http::{RequestExt, tower::Service};

use crate::auth::Verifier;
use crate::config::ConfigError;
use crate::error::{Cause, Chain};
use crate::{Config, Database, Error, Invocation, Tasks, logging, runtime};

/// What an operation may ask for with `State`.
#[derive(Clone)]
pub struct App {
    database: Database,
    verifier: Verifier,
}

impl App {
    /// Prepares everything that operations share. Connects to nothing yet.
    pub fn new(config: &Config) -> Result<Self, StartError> {
        let database =
            Database::new(config).map_err(|error| StartError::Database(error.to_string()))?;
        Ok(Self {
            database,
            verifier: config.tokens.verifier(),
        })
    }
}

impl FromRef<App> for Database {
    fn from_ref(app: &App) -> Self {
        app.database.clone()
    }
}

impl FromRef<App> for Tasks {
    fn from_ref(app: &App) -> Self {
        Self::new(app.database.clone())
    }
}

impl FromRef<App> for Verifier {
    fn from_ref(app: &App) -> Self {
        app.verifier.clone()
    }
}

/// Why a function cannot start. `main` returns it, so `Debug` shows the message for people.
#[derive(thiserror::Error)]
pub enum StartError {
    /// Environment variables, or parameters in their place, are missing or wrong: all of them are listed.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The pool cannot be set up.
    #[error("the database pool cannot be set up: {0}")]
    Database(String),
    /// The runtime cannot be started, or lost Lambda's Runtime API.
    #[error("the Lambda runtime ended: {0}")]
    Runtime(String),
}

impl fmt::Debug for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Serves an operation until Lambda ends the execution environment.
///
/// Everything that requests share is made here, during init, the database connection included; when the
/// database cannot be reached then, the requests that come are answered with 503 and try again.
pub fn serve<H, T>(handler: H) -> Result<(), StartError>
where
    H: Handler<T, App> + Sync,
    T: 'static,
{
    block_on(async {
        let app = App::new(&Config::load().await?)?;
        let database = app.database.clone();
        let registered = runtime::disconnect_at_the_end(&database);
        futures_util::join!(database.warm_up(), app.verifier.warm_up(), registered);
        runtime::run(handler, app, database).await.map_err(ended)
    })
}

/// Serves an operation that needs no database, no token and no configuration.
pub fn serve_alone<H, T>(handler: H) -> Result<(), StartError>
where
    H: Handler<T, ()> + Sync,
    T: 'static,
{
    block_on(async { runtime::run_alone(handler).await.map_err(ended) })
}

fn block_on(serving: impl Future<Output = Result<(), StartError>>) -> Result<(), StartError> {
    logging::init();
    // One thread: statements that are polled together must reach the socket together (see `db`).
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| StartError::Runtime(error.to_string()))?;
    runtime.block_on(serving)
}

#[expect(clippy::needless_pass_by_value, reason = "what `map_err` takes")]
fn ended(error: lambda_http::Error) -> StartError {
    StartError::Runtime(Chain(&*error).to_string())
}

/// The operation as the service that Lambda's events are given to, one log line for each.
pub fn service<H, T, S>(
    handler: H,
    state: S,
) -> impl Service<
    lambda_http::Request,
    Response = Response<lambda_http::Body>,
    Error = Infallible,
    Future: Send,
> + Clone
+ Send
+ 'static
where
    H: Handler<T, S> + Sync,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    let operation: Arc<str> = operation_name(type_name::<H>()).into();
    let cold = Arc::new(AtomicBool::new(true));
    lambda_http::service_fn(move |request: lambda_http::Request| {
        let invocation = Invocation::begin(
            &request.lambda_context(),
            cold.swap(false, Ordering::Relaxed),
        );
        let answer = answer(handler.clone(), state.clone(), request, invocation.clone());
        let operation = Arc::clone(&operation);
        async move {
            let response = answer.await;
            log(&operation, &invocation, &response);
            Ok(text(response).await)
        }
    })
}

/// For a year, this host alone.
const HSTS: &str = "max-age=31536000";

/// Runs the handler. A panic is a defect, and no reason to lose the execution environment.
async fn answer<H, T, S>(
    handler: H,
    state: S,
    request: lambda_http::Request,
    invocation: Invocation,
) -> Response
where
    H: Handler<T, S>,
    T: 'static,
    S: 'static,
{
    let mut request = request.map(|body| match body {
        lambda_http::Body::Text(text) => Body::from(text),
        lambda_http::Body::Binary(bytes) => Body::from(bytes),
        _ => Body::empty(),
    });
    request.extensions_mut().insert(invocation);
    let outcome = AssertUnwindSafe(handler.call(request, state))
        .catch_unwind()
        .await;
    let mut response =
        outcome.unwrap_or_else(|_| Error::Internal("the handler panicked".into()).into_response());
    // Answers hold personal data: no cache keeps them unless they say so, no browser takes them for what they are not,
    // and none asks for them in the clear again (RFC 6797; it is ignored where the answer came in the clear).
    let headers = response.headers_mut();
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    response
}

/// The body as text, so that `lambda_http` does not send it in base64.
async fn text(response: Response) -> Response<lambda_http::Body> {
    let (parts, body) = response.into_parts();
    // Every body here was built in memory: reading it cannot fail.
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let body = match String::from_utf8(bytes.into()) {
        Ok(text) if text.is_empty() => lambda_http::Body::Empty,
        Ok(text) => lambda_http::Body::Text(text),
        Err(error) => lambda_http::Body::Binary(error.into_bytes()),
    };
    Response::from_parts(parts, body)
}

/// The one line that tells of a request: who, what, how long, and the cause of a 5xx; never the
/// token, a title or a description.
fn log(operation: &str, invocation: &Invocation, response: &Response) {
    let cause = response
        .extensions()
        .get::<Cause>()
        .map(|cause| cause.0.as_str());
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                operation,
                request_id = invocation.request_id(),
                status = response.status().as_u16(),
                ms = invocation.milliseconds(),
                database_ms = invocation.database_milliseconds(),
                cold_start = invocation.cold_start(),
                subject = invocation.subject(),
                cause,
                "request"
            )
        };
    }
    match response.status().as_u16() {
        500 => line!(error),
        501.. => line!(warn),
        _ => line!(info),
    }
}

/// `create_task::create_task`, the type of an operation's handler, names the operation `create-task`.
fn operation_name(handler: &str) -> String {
    handler
        .rsplit("::")
        .next()
        .unwrap_or(handler)
        .replace('_', "-")
}
