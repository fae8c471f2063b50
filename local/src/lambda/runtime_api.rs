//! The Runtime API, version 2018-06-01: each environment has its own.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::future::pending;
use std::io;
use std::net::{Ipv4Addr, TcpListener};

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::RESPONSE_LIMIT;
use super::invocation::FunctionError;

/// How much of a response is read, in bytes: enough to know that it is too long, and to let the
/// runtime finish sending it.
const READ_LIMIT: usize = 16 * RESPONSE_LIMIT;

/// A runtime's poll for the next event, which waits for its response.
pub type Poll = oneshot::Sender<Response>;

/// A call that a runtime makes.
pub enum Call {
    /// It asks for the next event.
    Next(Poll),
    /// It has the result of an invocation.
    Done {
        /// The invocation.
        request_id: String,
        /// The function's response or error.
        result: Result<Bytes, FunctionError>,
    },
}

/// The API of one environment. Dropping it ends it.
pub struct RuntimeApi {
    /// What the runtime asks for.
    pub calls: UnboundedReceiver<Call>,
    /// `AWS_LAMBDA_RUNTIME_API`.
    pub address: String,
    _server: JoinSet<()>,
}

impl RuntimeApi {
    /// Starts the API, with the routes in `more`, which the emulator itself does not need.
    ///
    /// # Errors
    ///
    /// When there is no free port.
    pub fn start(more: Router) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?.to_string();
        listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let (sender, calls) = unbounded_channel();
        let invocation = "/2018-06-01/runtime/invocation";
        let extension = "/2020-01-01/extension";
        let router = Router::new()
            .route(&format!("{invocation}/next"), get(next))
            .route(&format!("{invocation}/{{id}}/response"), post(response))
            .route(&format!("{invocation}/{{id}}/error"), post(error))
            .route(&format!("{extension}/register"), post(register_extension))
            .route(&format!("{extension}/event/next"), get(pending::<()>))
            .layer(DefaultBodyLimit::max(READ_LIMIT))
            .with_state(sender)
            .merge(more);
        let server = async {
            // It never fails, and ends only with the task.
            let _ = axum::serve(listener, router).await;
        };
        Ok(Self {
            calls,
            address,
            _server: JoinSet::from_iter([server]),
        })
    }
}

async fn next(State(calls): State<UnboundedSender<Call>>) -> Response {
    let (poll, delivery) = oneshot::channel();
    let _ = calls.send(Call::Next(poll));
    match delivery.await {
        Ok(delivery) => delivery,
        // An environment is ended by a signal. A runtime that also got a response would sometimes
        // panic.
        Err(_) => pending().await,
    }
}

async fn response(
    State(calls): State<UnboundedSender<Call>>,
    Path(request_id): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> StatusCode {
    let body = body.ok().filter(|body| body.len() <= RESPONSE_LIMIT);
    let status = match body {
        Some(_) => StatusCode::ACCEPTED,
        None => StatusCode::PAYLOAD_TOO_LARGE,
    };
    let result = body.ok_or_else(FunctionError::response_too_large);
    let _ = calls.send(Call::Done { request_id, result });
    status
}

async fn error(
    State(calls): State<UnboundedSender<Call>>,
    Path(request_id): Path<String>,
    body: Bytes,
) -> StatusCode {
    let result = Err(serde_json::from_slice(&body).unwrap_or_default());
    let _ = calls.send(Call::Done { request_id, result });
    StatusCode::ACCEPTED
}

/// The part of the Extensions API for an extension that subscribes to no events and only gets
/// SIGTERM at the end. <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html>
async fn register_extension() -> impl IntoResponse {
    let function = json!({ "functionName": "", "functionVersion": "$LATEST", "handler": "" });
    ([("lambda-extension-identifier", "local")], Json(function))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn the_last_poll_of_an_environment_gets_no_response() {
        let (sender, mut calls) = unbounded_channel();
        let poll = tokio::spawn(next(State(sender)));

        let Some(Call::Next(delivery)) = calls.recv().await else {
            panic!("it did not poll")
        };
        drop(delivery);

        let response = tokio::time::timeout(Duration::from_millis(100), poll).await;
        assert!(response.is_err(), "{response:?}");
    }
}
