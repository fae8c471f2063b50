//! Everything that happens to a request in the cloud: API Gateway, Lambda and the functions.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use axum::body::Bytes;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::gateway::{Gateway, INTEGRATION_TIMEOUT, RouteTable};
use crate::lambda::{EnvironmentStatus, InvokeError, Lambda, LambdaOptions, LogSink};
use crate::template::Template;

/// How long requests in progress may take when the server stops.
const DRAIN_LIMIT: Duration = Duration::from_secs(2);

/// How to start a server.
pub struct ServerOptions {
    /// Functions, routes and CORS.
    pub template: Template,
    /// The directory of the functions' binaries.
    pub binaries: PathBuf,
    /// Environment variables for all functions, which override the template's.
    pub environment: BTreeMap<String, String>,
    /// The most environments that one function may have. Beyond that, it is throttled.
    pub max_environments: usize,
    /// How long API Gateway waits for a function: 30 s there.
    pub integration_timeout: Duration,
    /// Paths that are not routes, and where a browser is sent from them; for people, not part of
    /// the API.
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
}

/// A running server. Dropping it ends it, and its environments.
pub struct Server {
    port: u16,
    lambda: Arc<Lambda>,
    gateway: Mutex<Option<(oneshot::Sender<()>, JoinHandle<()>)>>,
}

impl Server {
    /// Starts a server on a free port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// When two routes take the same requests, or Lambda cannot start.
    pub async fn start(options: ServerOptions) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        Self::start_on(listener, options).await
    }

    /// Starts a server on a socket that already listens.
    ///
    /// # Errors
    ///
    /// As for [`Server::start`].
    pub async fn start_on(listener: TcpListener, options: ServerOptions) -> Result<Self> {
        let port = listener.local_addr()?.port();
        let routes = RouteTable::new(options.template.routes)?;
        let lambda = Lambda::start(LambdaOptions {
            functions: options.template.functions,
            binaries: std::path::absolute(options.binaries)?,
            environment: options.environment,
            max_environments: options.max_environments,
            log: options.log,
        });
        let lambda = Arc::new(lambda.await?);
        let (stop, stopped) = oneshot::channel();
        let gateway = Gateway {
            routes,
            cors: options.template.cors,
            lambda: Arc::clone(&lambda),
            redirects: options.redirects,
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

    /// Its address: `http://127.0.0.1:PORT`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Invokes a function (by the name of its binary) directly, as `aws lambda invoke` does.
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

    /// Stops accepting requests, gives those in progress two seconds, ends the environments, and
    /// returns when none is left.
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
        let gateway = self
            .gateway
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((_, task)) = gateway.take() {
            task.abort();
        }
    }
}
