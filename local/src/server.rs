//! The whole of what the cloud does for a request: API Gateway, Lambda and the functions.

use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::gateway::{Gateway, INTEGRATION_TIMEOUT, RouteTable};
use crate::lambda::{EnvironmentStatus, InvokeError, Lambda, LambdaOptions, LogSink};
use crate::template::Template;

/// How long requests under way may take when the server stops.
const DRAIN_LIMIT: Duration = Duration::from_secs(2);

/// What a server is started with.
pub struct ServerOptions {
    /// Functions, routes and CORS.
    pub template: Template,
    /// The directory of the functions' binaries.
    pub binaries: PathBuf,
    /// Environment variables of all functions, over those of the template.
    pub environment: BTreeMap<String, String>,
    /// The port on 127.0.0.1; 0 for a free one.
    pub port: u16,
    /// The most execution environments of one function; beyond it, it is throttled.
    pub max_environments: usize,
    /// How long API Gateway waits for a function; 30 s there.
    pub integration_timeout: Duration,
    /// Where log lines of functions go.
    pub log: LogSink,
}

impl ServerOptions {
    /// On a free port, with at most 100 environments for each function and the log going nowhere.
    #[must_use]
    pub fn new(template: Template, binaries: impl Into<PathBuf>) -> Self {
        Self {
            template,
            binaries: binaries.into(),
            environment: BTreeMap::new(),
            port: 0,
            max_environments: 100,
            integration_timeout: INTEGRATION_TIMEOUT,
            log: Arc::new(|_| {}),
        }
    }
}

/// A running server. Dropping it ends it, and its environments.
pub struct Server {
    port: u16,
    lambda: Arc<Lambda>,
    gateway: Mutex<Option<(oneshot::Sender<()>, JoinHandle<()>)>>,
}

impl Server {
    /// Starts a server on 127.0.0.1.
    ///
    /// # Errors
    ///
    /// When the port is taken, or what Lambda needs cannot be had.
    pub async fn start(options: ServerOptions) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
        Self::start_on(listener, options).await
    }

    /// Starts a server on a socket that listens already; `options.port` does not count then.
    ///
    /// # Errors
    ///
    /// When what Lambda needs cannot be had.
    pub async fn start_on(listener: TcpListener, options: ServerOptions) -> io::Result<Self> {
        let port = listener.local_addr()?.port();
        let lambda = Lambda::start(LambdaOptions {
            functions: options.template.functions.clone(),
            binaries: std::path::absolute(options.binaries)?,
            environment: options.environment,
            max_environments: options.max_environments,
            log: options.log,
        });
        let lambda = Arc::new(lambda.await?);
        let (stop, stopped) = oneshot::channel();
        let gateway = Gateway {
            routes: RouteTable::new(options.template.routes),
            cors: options.template.cors,
            lambda: Arc::clone(&lambda),
            port,
            timeout: options.integration_timeout,
        };
        let task = tokio::spawn(gateway.serve(listener, stopped));
        Ok(Self {
            port,
            lambda,
            gateway: Mutex::new(Some((stop, task))),
        })
    }

    /// Where it is: `http://127.0.0.1:PORT`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Invokes a function (by its binary's name) directly, as `aws lambda invoke` does.
    ///
    /// # Errors
    ///
    /// As for [`Lambda::invoke`].
    pub async fn invoke(&self, function: &str, event: Value) -> Result<Value, InvokeError> {
        let payload = self
            .lambda
            .invoke(function, Bytes::from(event.to_string()))
            .await?;
        Ok(serde_json::from_slice(&payload).unwrap_or(Value::Null))
    }

    /// The execution environments of a function, oldest first.
    #[must_use]
    pub fn environments(&self, function: &str) -> Vec<EnvironmentStatus> {
        self.lambda.environments(function)
    }

    /// Stops accepting, gives requests under way two seconds, kills the environments, and returns when all
    /// is gone.
    pub async fn stop(&self) {
        let gateway = self
            .gateway
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some((stop, mut task)) = gateway {
            let _ = stop.send(());
            if tokio::time::timeout(DRAIN_LIMIT, &mut task).await.is_err() {
                task.abort();
            }
        }
        self.lambda.stop().await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some((_, task)) = self
            .gateway
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
        {
            task.abort();
        }
    }
}
