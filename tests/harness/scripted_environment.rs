//! One execution environment, whose Runtime API a test plays itself: for what Lambda does beside giving one
//! request after the other.

use std::net::Ipv4Addr;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::process::Child;
use tokio::sync::{Mutex, Notify, mpsc};

use super::{Request, SECRET, TestDatabase, handlers};

/// A running function.
pub struct ScriptedEnvironment {
    process: Child,
    api: Arc<RuntimeApi>,
    events: mpsc::UnboundedSender<Value>,
    answers: Mutex<mpsc::UnboundedReceiver<Value>>,
}

struct RuntimeApi {
    events: Mutex<mpsc::UnboundedReceiver<Value>>,
    answers: mpsc::UnboundedSender<Value>,
    snapshot: Notify,
    restored: Notify,
    polled: Notify,
}

impl ScriptedEnvironment {
    pub async fn start(
        operation: &str,
        database: &TestDatabase,
        variables: &[(&str, &str)],
    ) -> Self {
        let (events, queue) = mpsc::unbounded_channel();
        let (sender, answers) = mpsc::unbounded_channel();
        let [snapshot, restored, polled] = [(); 3].map(|()| Notify::new());
        let api = Arc::new(RuntimeApi {
            events: Mutex::new(queue),
            answers: sender,
            snapshot,
            restored,
            polled,
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route(
                "/2018-06-01/runtime/invocation/{id}/response",
                post(response),
            )
            .route("/2018-06-01/runtime/restore/next", get(restore))
            .route("/2020-01-01/extension/register", post(register))
            .route(
                "/2020-01-01/extension/event/next",
                get(std::future::pending::<StatusCode>),
            )
            .with_state(Arc::clone(&api));
        tokio::spawn(async move { axum::serve(listener, router).await });

        let binaries = std::path::Path::new(env!("CARGO_BIN_EXE_create-task"))
            .parent()
            .unwrap();
        let process = tokio::process::Command::from(Command::new(binaries.join(operation)))
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .env("AWS_LAMBDA_FUNCTION_NAME", operation)
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("DATABASE_URL", database.url())
            .env("BETTER_AUTH_SECRET", SECRET)
            .envs(variables.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self {
            process,
            api,
            events,
            answers: Mutex::new(answers),
        }
    }

    /// Gives it an event, and does not wait for the answer.
    pub fn send(&self, request: &Request) {
        self.events.send(handlers::event(request)).unwrap();
    }

    /// The next answer: what Lambda gives to API Gateway.
    pub async fn answer(&self) -> Value {
        self.answers.lock().await.recv().await.unwrap()
    }

    /// Waits until init is over and it asks for an event.
    pub async fn is_ready(&self) {
        self.api.polled.notified().await;
    }

    /// Waits until init is over and the snapshot may be taken.
    pub async fn may_be_snapshotted(&self) {
        self.api.snapshot.notified().await;
    }

    /// Goes on as an environment does that was restored from the snapshot.
    pub fn restore(&self) {
        self.api.restored.notify_one();
    }

    /// Sends SIGTERM, and gives how it ended; within the 500 ms that Lambda gives.
    pub async fn terminate(&mut self) -> ExitStatus {
        let pid = self.process.id().unwrap().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .unwrap()
                .success()
        );
        tokio::time::timeout(Duration::from_millis(500), self.process.wait())
            .await
            .unwrap()
            .unwrap()
    }
}

async fn next(State(api): State<Arc<RuntimeApi>>) -> impl IntoResponse {
    api.polled.notify_one();
    let event = api.events.lock().await.recv().await.unwrap();
    let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + Duration::from_secs(10);
    let headers = [
        (
            "lambda-runtime-aws-request-id",
            uuid::Uuid::new_v4().to_string(),
        ),
        (
            "lambda-runtime-deadline-ms",
            deadline.as_millis().to_string(),
        ),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-central-1:123456789012:function:f".into(),
        ),
        ("lambda-runtime-trace-id", "Root=1-0-0".into()),
    ];
    (headers, event.to_string())
}

async fn response(
    State(api): State<Arc<RuntimeApi>>,
    Path(_): Path<String>,
    body: String,
) -> StatusCode {
    api.answers
        .send(serde_json::from_str(&body).unwrap())
        .unwrap();
    StatusCode::ACCEPTED
}

async fn restore(State(api): State<Arc<RuntimeApi>>) -> StatusCode {
    api.snapshot.notify_one();
    api.restored.notified().await;
    StatusCode::OK
}

async fn register() -> impl IntoResponse {
    (
        [("lambda-extension-identifier", "extension")],
        "{\"functionName\":\"f\",\"functionVersion\":\"1\",\"handler\":\"h\"}",
    )
}
