//! The Runtime API, version 2018-06-01, of all environments on one port: the first segment of a path is
//! the environment's id, which no one else knows.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::collections::HashMap;
use std::future::pending;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderValue, Response, StatusCode};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::error::FunctionError;
use super::invocation::Delivery;
use super::variables::REGION;
use super::{RESPONSE_LIMIT, lock};

/// What is read of an answer at most, in bytes: enough to tell that it is too long, and to let the runtime
/// finish sending it.
const READ_LIMIT: usize = 16 * RESPONSE_LIMIT;

/// A call of a runtime.
pub(super) enum Call {
    /// It asks for the next event.
    Next(oneshot::Sender<Delivery>),
    /// It has the answer, or the error, of the invocation `request_id`. It is told whether that is the
    /// one it was given.
    Done {
        request_id: String,
        result: Result<Bytes, FunctionError>,
        accepted: oneshot::Sender<bool>,
    },
    /// It could not start.
    InitError(FunctionError),
    /// It has an extension, and so is told of its end.
    Extension,
}

type Calls = mpsc::UnboundedSender<Call>;
type Environments = Arc<Mutex<HashMap<String, Calls>>>;

/// The API's address and the environments that it serves.
pub(super) struct RuntimeApi {
    address: SocketAddr,
    environments: Environments,
}

impl RuntimeApi {
    pub(super) async fn start() -> io::Result<(Self, JoinHandle<()>)> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let environments = Environments::default();
        let router = Router::new()
            .route(
                "/{environment}/2018-06-01/runtime/invocation/next",
                get(next),
            )
            .route(
                "/{environment}/2018-06-01/runtime/invocation/{request}/response",
                post(response),
            )
            .route(
                "/{environment}/2018-06-01/runtime/invocation/{request}/error",
                post(error),
            )
            .route(
                "/{environment}/2018-06-01/runtime/init/error",
                post(init_error),
            )
            .route(
                "/{environment}/2020-01-01/extension/register",
                post(register_extension),
            )
            .route(
                "/{environment}/2020-01-01/extension/event/next",
                get(pending::<StatusCode>),
            )
            .with_state(Arc::clone(&environments));
        let server = tokio::spawn(async move {
            // It ends only with the task.
            let _ = axum::serve(listener, router).await;
        });
        Ok((
            Self {
                address,
                environments,
            },
            server,
        ))
    }

    /// Takes an environment in: its calls, and what goes into its `AWS_LAMBDA_RUNTIME_API`.
    pub(super) fn register(&self, id: &str) -> (mpsc::UnboundedReceiver<Call>, String) {
        let (sender, calls) = mpsc::unbounded_channel();
        lock(&self.environments).insert(id.to_owned(), sender);
        // Without the scheme, the runtime's client takes it for a host name only.
        (calls, format!("http://{}/{id}", self.address))
    }

    pub(super) fn forget(&self, id: &str) {
        lock(&self.environments).remove(id);
    }
}

async fn next(State(all): State<Environments>, Path(id): Path<String>) -> Response<Body> {
    let (sender, delivery) = oneshot::channel();
    if !call(&all, &id, Call::Next(sender)) {
        return answer(StatusCode::GONE, "UnknownEnvironment");
    }
    // An environment that ends is told by a signal. A runtime that got an answer as well would panic at times.
    let Ok(delivery) = delivery.await else {
        return pending().await;
    };
    let deadline = jiff::Timestamp::now().as_millisecond() + saturating_millis(&delivery);
    let function = &delivery.function;
    Response::builder()
        .header("content-type", "application/json")
        .header("lambda-runtime-aws-request-id", &delivery.request_id)
        .header("lambda-runtime-deadline-ms", deadline)
        .header(
            "lambda-runtime-invoked-function-arn",
            format!("arn:aws:lambda:{REGION}:123456789012:function:{function}"),
        )
        .header(
            "lambda-runtime-trace-id",
            format!("{};Parent=0000000000000000;Sampled=0", delivery.trace),
        )
        .body(Body::from(delivery.event))
        .unwrap_or_else(|_| answer(StatusCode::INTERNAL_SERVER_ERROR, "InvalidHeader"))
}

fn saturating_millis(delivery: &Delivery) -> i64 {
    i64::try_from(delivery.timeout.as_millis()).unwrap_or(i64::MAX)
}

async fn response(
    State(all): State<Environments>,
    Path((id, request_id)): Path<(String, String)>,
    body: Body,
) -> Response<Body> {
    let result = match to_bytes(body, READ_LIMIT).await {
        Ok(bytes) if bytes.len() <= RESPONSE_LIMIT => Ok(bytes),
        _ => Err(FunctionError::response_too_large()),
    };
    let is_too_large = result.is_err();
    let done = done(&all, &id, request_id, result).await;
    if is_too_large {
        answer(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge")
    } else {
        done
    }
}

async fn error(
    State(all): State<Environments>,
    Path((id, request_id)): Path<(String, String)>,
    body: Bytes,
) -> Response<Body> {
    done(&all, &id, request_id, Err(FunctionError::reported(body))).await
}

async fn init_error(
    State(all): State<Environments>,
    Path(id): Path<String>,
    body: Bytes,
) -> Response<Body> {
    call(&all, &id, Call::InitError(FunctionError::reported(body)));
    accepted()
}

/// The Extensions API, as much of it as an extension needs that wants no events but to be ended by SIGTERM.
/// <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html>
async fn register_extension(
    State(all): State<Environments>,
    Path(id): Path<String>,
) -> Response<Body> {
    call(&all, &id, Call::Extension);
    let function = serde_json::json!({ "functionName": "", "functionVersion": "$LATEST", "handler": "bootstrap" });
    let mut response = json(StatusCode::OK, &function);
    if let Ok(id) = HeaderValue::try_from(id) {
        response
            .headers_mut()
            .insert("lambda-extension-identifier", id);
    }
    response
}

async fn done(
    all: &Environments,
    id: &str,
    request_id: String,
    result: Result<Bytes, FunctionError>,
) -> Response<Body> {
    let (sender, is_accepted) = oneshot::channel();
    call(
        all,
        id,
        Call::Done {
            request_id,
            result,
            accepted: sender,
        },
    );
    match is_accepted.await {
        Ok(true) => accepted(),
        Ok(false) => answer(StatusCode::BAD_REQUEST, "InvalidRequestID"),
        Err(_) => answer(StatusCode::GONE, "EnvironmentEnded"),
    }
}

fn call(all: &Environments, id: &str, call: Call) -> bool {
    lock(all)
        .get(id)
        .is_some_and(|calls| calls.send(call).is_ok())
}

fn accepted() -> Response<Body> {
    json(StatusCode::ACCEPTED, &serde_json::json!({ "status": "OK" }))
}

fn answer(status: StatusCode, error_type: &str) -> Response<Body> {
    json(
        status,
        &serde_json::json!({ "errorType": error_type, "errorMessage": error_type }),
    )
}

fn json(status: StatusCode, body: &serde_json::Value) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn the_last_poll_of_an_environment_gets_no_answer() {
        let environments = Environments::default();
        let (sender, mut calls) = mpsc::unbounded_channel();
        lock(&environments).insert("id".into(), sender);
        let poll = tokio::spawn(next(State(Arc::clone(&environments)), Path("id".into())));

        let Some(Call::Next(delivery)) = calls.recv().await else {
            panic!("it did not poll")
        };
        drop(delivery);

        assert!(
            tokio::time::timeout(Duration::from_millis(100), poll)
                .await
                .is_err()
        );
    }
}
