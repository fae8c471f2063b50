//! The Runtime API, version 2018-06-01, for all environments on one port: the first segment of a
//! path is the environment's id, which nobody else knows.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::collections::HashMap;
use std::future::pending;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use super::error::FunctionError;
use super::{RESPONSE_LIMIT, lock};

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
    /// It has an extension, and so gets SIGTERM before it is killed.
    Extension,
}

type CallsById = Arc<Mutex<HashMap<String, mpsc::UnboundedSender<Call>>>>;

/// The API, and the environments that it serves. Dropping it ends it.
pub struct RuntimeApi {
    address: SocketAddr,
    environments: CallsById,
    _server: JoinSet<()>,
}

impl RuntimeApi {
    /// Starts the API, with the routes in `more`, which the emulator itself does not need.
    ///
    /// # Errors
    ///
    /// When there is no free port.
    pub async fn start(more: Router) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let environments = CallsById::default();
        let invocation = "/{environment}/2018-06-01/runtime/invocation";
        let extension = "/{environment}/2020-01-01/extension";
        let router = Router::new()
            .route(&format!("{invocation}/next"), get(next))
            .route(&format!("{invocation}/{{id}}/response"), post(response))
            .route(&format!("{invocation}/{{id}}/error"), post(error))
            .route(&format!("{extension}/register"), post(register_extension))
            .route(&format!("{extension}/event/next"), get(pending::<()>))
            .layer(DefaultBodyLimit::max(READ_LIMIT))
            .with_state(Arc::clone(&environments))
            .merge(more);
        let server = async {
            // It never fails, and ends only with the task.
            let _ = axum::serve(listener, router).await;
        };
        Ok(Self {
            address,
            environments,
            _server: JoinSet::from_iter([server]),
        })
    }

    /// Registers an environment for as long as its calls are received. Returns its calls, and its
    /// `AWS_LAMBDA_RUNTIME_API`.
    #[must_use]
    pub fn register(&self, id: &str) -> (mpsc::UnboundedReceiver<Call>, String) {
        let (sender, calls) = mpsc::unbounded_channel();
        let mut environments = lock(&self.environments);
        environments.retain(|_, calls| !calls.is_closed());
        environments.insert(id.to_owned(), sender);
        // Without the scheme, the runtime's client would take all of it for a host name.
        (calls, format!("http://{}/{id}", self.address))
    }
}

async fn next(State(all): State<CallsById>, Path(id): Path<String>) -> Response {
    let (poll, delivery) = oneshot::channel();
    let status = call(&all, &id, Call::Next(poll));
    if status != StatusCode::ACCEPTED {
        return status.into_response();
    }
    match delivery.await {
        Ok(delivery) => delivery,
        // An environment is ended by a signal. A runtime that also got a response would sometimes
        // panic.
        Err(_) => pending().await,
    }
}

async fn response(
    State(all): State<CallsById>,
    Path((id, request_id)): Path<(String, String)>,
    body: Result<Bytes, BytesRejection>,
) -> StatusCode {
    match body {
        Ok(body) if body.len() <= RESPONSE_LIMIT => {
            let result = Ok(body);
            call(&all, &id, Call::Done { request_id, result })
        }
        _ => {
            let result = Err(FunctionError::response_too_large());
            call(&all, &id, Call::Done { request_id, result });
            StatusCode::PAYLOAD_TOO_LARGE
        }
    }
}

async fn error(
    State(all): State<CallsById>,
    Path((id, request_id)): Path<(String, String)>,
    body: Bytes,
) -> StatusCode {
    let result = Err(serde_json::from_slice(&body).unwrap_or_default());
    call(&all, &id, Call::Done { request_id, result })
}

/// The part of the Extensions API for an extension that subscribes to no events and only gets
/// SIGTERM at the end. <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html>
async fn register_extension(
    State(all): State<CallsById>,
    Path(id): Path<String>,
) -> impl IntoResponse {
    call(&all, &id, Call::Extension);
    let function =
        json!({ "functionName": "", "functionVersion": "$LATEST", "handler": "bootstrap" });
    let headers = AppendHeaders([("lambda-extension-identifier", id)]);
    (headers, Json(function))
}

/// Passes a call on to its environment, unless that has ended.
fn call(all: &CallsById, id: &str, call: Call) -> StatusCode {
    match lock(all).get(id).map(|calls| calls.send(call)) {
        Some(Ok(())) => StatusCode::ACCEPTED,
        _ => StatusCode::GONE,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn the_last_poll_of_an_environment_gets_no_response() {
        let environments = CallsById::default();
        let (sender, mut calls) = mpsc::unbounded_channel();
        lock(&environments).insert("id".into(), sender);
        let poll = tokio::spawn(next(State(Arc::clone(&environments)), Path("id".into())));

        let Some(Call::Next(delivery)) = calls.recv().await else {
            panic!("it did not poll")
        };
        drop(delivery);

        let response = tokio::time::timeout(Duration::from_millis(100), poll).await;
        assert!(response.is_err(), "{response:?}");
    }
}
