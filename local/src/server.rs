//! Everything that happens to a request in the cloud: API Gateway, Lambda and the functions.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use axum::body::Bytes;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, Notify};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::gateway::{ApiGateway, RouteTable};
use crate::lambda::{EnvironmentStatus, InvokeError, InvokeResult, Lambda, new_trace};
use crate::schedule;
use crate::template::{Schedule, Template};

/// How long API Gateway waits for a function.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>
const INTEGRATION_TIMEOUT: Duration = Duration::from_secs(30);
/// How long requests in progress may take when the server stops.
const DRAIN_LIMIT: Duration = Duration::from_secs(2);

/// How to start a server.
pub struct ServerOptions {
    /// Functions, routes and CORS.
    pub template: Template,
    /// The directory of the functions' binaries, as an absolute path.
    pub binaries: PathBuf,
    /// Environment variables for all functions, which override the template's.
    pub environment: BTreeMap<String, String>,
    /// The most environments that one function may have (its reserved concurrency). Beyond that,
    /// it is throttled.
    pub max_environments: usize,
    /// How long API Gateway waits for a function: 30 s there.
    pub integration_timeout: Duration,
    /// Paths that are not routes, and where a browser is sent from them (`GET`); for people, not
    /// part of the API.
    pub redirects: BTreeMap<String, String>,
    /// Where the functions' log lines go.
    pub log: LogSink,
}

impl ServerOptions {
    /// At most 100 environments for each function, and no log.
    #[must_use]
    pub fn new(template: Template, binaries: impl Into<PathBuf>) -> Self {
        Self {
            template,
            binaries: binaries.into(),
            environment: BTreeMap::new(),
            max_environments: 100,
            integration_timeout: INTEGRATION_TIMEOUT,
            redirects: BTreeMap::new(),
            log: Arc::new(|_| {}),
        }
    }

    /// Logs a line about a function.
    pub(crate) fn log(&self, function: &str, text: String) {
        let function = function.to_owned();
        (self.log)(LogLine { function, text });
    }
}

/// A line of a function's log, written by the function or by Lambda.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LogLine {
    /// The name of the function's binary.
    pub function: String,
    /// The line, without the line break.
    pub text: String,
}

/// Takes log lines. It must not block.
pub type LogSink = Arc<dyn Fn(LogLine) + Send + Sync>;

/// A running server. Dropping it ends it, and its environments.
pub struct Server {
    port: u16,
    lambda: Arc<Lambda>,
    schedules: Vec<Schedule>,
    gateway: Mutex<JoinSet<()>>,
    stop: Arc<Notify>,
}

impl Server {
    /// Starts a server on a free port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// When two routes take the same requests, or Lambda cannot start.
    pub async fn start(options: ServerOptions) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        Self::start_on(listener, options)
    }

    /// Starts a server on a socket that already listens.
    ///
    /// # Errors
    ///
    /// As for [`Server::start`].
    pub fn start_on(listener: TcpListener, options: ServerOptions) -> Result<Self> {
        let options = Arc::new(options);
        let port = listener.local_addr()?.port();
        let lambda = Arc::new(Lambda::start(&options)?);
        let schedules = options.template.schedules.clone();
        let stop = Arc::<Notify>::default();
        let gateway = ApiGateway {
            routes: RouteTable::new(&options.template.routes)?,
            options,
            lambda: Arc::clone(&lambda),
            port,
        };
        let gateway = JoinSet::from_iter([gateway.serve(listener, Arc::clone(&stop))]);
        Ok(Self {
            port,
            lambda,
            schedules,
            gateway: Mutex::new(gateway),
            stop,
        })
    }

    /// Its address: `http://127.0.0.1:PORT`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Invokes a function (by the name of its binary) directly, as `aws lambda invoke` does.
    ///
    /// # Errors
    ///
    /// When the function fails, does not exist or is throttled, or the event is over
    /// [`EVENT_LIMIT`](crate::lambda::EVENT_LIMIT).
    pub async fn invoke(&self, function: &str, event: Value) -> Result<Value, InvokeError> {
        let event = Bytes::from(event.to_string());
        let payload = self.invoke_raw(function, event).await?;
        Ok(serde_json::from_slice(&payload).unwrap_or(Value::Null))
    }

    /// As [`Server::invoke`], for an event and a response that are not parsed.
    ///
    /// # Errors
    ///
    /// As for [`Server::invoke`].
    pub async fn invoke_raw(&self, function: &str, event: Bytes) -> InvokeResult {
        self.lambda.invoke(function, event, &new_trace()).await
    }

    /// Invokes every function that has a schedule, now and then at its interval, until the returned
    /// tasks are dropped.
    #[must_use]
    pub fn run_schedules(&self) -> JoinSet<()> {
        let run = |schedule: &Schedule| schedule::run(Arc::clone(&self.lambda), schedule.clone());
        self.schedules.iter().map(run).collect()
    }

    /// The execution environments of a function, oldest first.
    #[must_use]
    pub fn environments(&self, function: &str) -> Vec<EnvironmentStatus> {
        self.lambda.environments(function)
    }

    /// Stops accepting requests, gives those in progress two seconds, ends the environments, and
    /// returns when none is left.
    pub async fn stop(&self) {
        self.stop.notify_one();
        let mut gateway = self.gateway.lock().await;
        let _ = timeout(DRAIN_LIMIT, gateway.join_next()).await;
        gateway.shutdown().await;
        self.lambda.stop().await;
    }
}
