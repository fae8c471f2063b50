//! One execution environment, in which a test plays Lambda: for what Lambda does beyond giving an
//! environment one request after another.

use std::collections::VecDeque;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use local::lambda::{Call, PendingInvocation, RuntimeApi};
use local::template::Function;
use serde_json::Value;
use tokio::process::{Child, Command};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Mutex, Notify};

use super::{Request, SECRET, TestDatabase, binaries, handlers, template};

/// A running function.
pub struct ScriptedEnvironment {
    process: Child,
    signals: Arc<Signals>,
    events: UnboundedSender<Value>,
    answers: Mutex<UnboundedReceiver<Value>>,
}

#[derive(Default)]
struct Signals {
    polled: Notify,
    snapshot: Notify,
    restored: Notify,
}

impl ScriptedEnvironment {
    pub fn start(operation: &str, database: &TestDatabase, variables: &[(&str, &str)]) -> Self {
        let signals = Arc::<Signals>::default();
        let api = RuntimeApi::start(restore(&signals)).unwrap();
        let address = api.address.clone();
        let (events, queue) = unbounded_channel();
        let (sender, answers) = unbounded_channel();
        let script = Script {
            function: template().function(operation).unwrap().clone(),
            signals: Arc::clone(&signals),
            polls: VecDeque::new(),
            answers: sender,
        };
        tokio::spawn(async move {
            // All of it: the API ends when it is dropped.
            let mut api = api;
            script.play(&mut api.calls, queue).await;
        });
        let process = spawn(operation, &address, &database.url(), variables);
        Self {
            process,
            signals,
            events,
            answers: Mutex::new(answers),
        }
    }

    /// Gives it an event, and does not wait for the answer.
    pub fn send(&self, request: &Request) {
        self.events.send(handlers::event(request)).unwrap();
    }

    /// The next answer, as Lambda gives it to API Gateway.
    pub async fn answer(&self) -> Value {
        self.answers.lock().await.recv().await.unwrap()
    }

    /// Waits until init is over and it asks for an event.
    pub async fn is_ready(&self) {
        self.signals.polled.notified().await;
    }

    /// Waits until init is over and the snapshot may be taken.
    pub async fn may_be_snapshotted(&self) {
        self.signals.snapshot.notified().await;
    }

    /// Lets it go on like an environment that was restored from the snapshot.
    pub fn restore(&self) {
        self.signals.restored.notify_one();
    }

    /// Sends SIGTERM, and returns how it ended within the 500 ms that Lambda gives it.
    pub async fn terminate(&mut self) -> ExitStatus {
        let pid = self.process.id().unwrap().to_string();
        let killed = Command::new("kill").args(["-TERM", &pid]).status().await;
        assert!(killed.unwrap().success());
        let ended = tokio::time::timeout(Duration::from_millis(500), self.process.wait());
        ended.await.unwrap().unwrap()
    }
}

fn spawn(operation: &str, address: &str, database_url: &str, variables: &[(&str, &str)]) -> Child {
    Command::new(binaries().join(operation))
        .env_clear()
        .env("AWS_LAMBDA_RUNTIME_API", address)
        .env("AWS_LAMBDA_FUNCTION_NAME", operation)
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("DATABASE_URL", database_url)
        .env("BETTER_AUTH_SECRET", SECRET)
        .envs(variables.iter().copied())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

/// The part of the Runtime API that `SnapStart` uses.
fn restore(signals: &Arc<Signals>) -> Router {
    let signals = Arc::clone(signals);
    let restore = move || {
        let signals = Arc::clone(&signals);
        async move {
            signals.snapshot.notify_one();
            signals.restored.notified().await;
        }
    };
    Router::new().route("/2018-06-01/runtime/restore/next", get(restore))
}

/// Lambda's part: it answers each poll with the next event.
struct Script {
    function: Function,
    signals: Arc<Signals>,
    /// Polls that wait for an event: several if the environment serves several requests at once.
    polls: VecDeque<local::lambda::Poll>,
    answers: UnboundedSender<Value>,
}

impl Script {
    async fn play(
        mut self,
        calls: &mut UnboundedReceiver<Call>,
        mut events: UnboundedReceiver<Value>,
    ) {
        loop {
            tokio::select! {
                Some(call) = calls.recv() => self.hear(call),
                Some(event) = events.recv(), if !self.polls.is_empty() => self.deliver(&event),
                else => return,
            }
        }
    }

    fn hear(&mut self, call: Call) {
        match call {
            Call::Next(poll) => {
                self.signals.polled.notify_one();
                self.polls.push_back(poll);
            }
            Call::Done { result, .. } => {
                let answer = serde_json::from_slice(&result.unwrap()).unwrap();
                self.answers.send(answer).unwrap();
            }
        }
    }

    fn deliver(&mut self, event: &Value) {
        let invocation = PendingInvocation::new(event.to_string().into(), "Root=1-0-0");
        let delivery = invocation.delivery(&self.function);
        self.polls.pop_front().unwrap().send(delivery).unwrap();
    }
}
