//! Everything that happens to a request in the cloud: API Gateway, Lambda and the functions.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use axum::body::Bytes;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, Notify};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::ServerOptions;
use crate::gateway::{ApiGateway, RouteTable};
use crate::lambda::{EnvironmentStatus, InvokeError, InvokeResult, Lambda, new_trace};

/// How long requests in progress may take when the server stops.
const DRAIN_LIMIT: Duration = Duration::from_secs(2);

/// A running server. Dropping it ends it, and its environments.
pub struct Server {
    port: u16,
    lambda: Arc<Lambda>,
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
        Self::start_on(listener, options).await
    }

    /// Starts a server on a socket that already listens.
    ///
    /// # Errors
    ///
    /// As for [`Server::start`].
    pub async fn start_on(listener: TcpListener, options: ServerOptions) -> Result<Self> {
        let options = Arc::new(options);
        let port = listener.local_addr()?.port();
        let lambda = Arc::new(Lambda::start(&options).await?);
        let stop = Arc::<Notify>::default();
        let gateway = ApiGateway {
            routes: RouteTable::new(&options.template.routes)?,
            options,
            lambda: Arc::clone(&lambda),
            port,
        };
        let gateway = JoinSet::from_iter([gateway.serve(listener, Arc::clone(&stop))]);
        let gateway = Mutex::new(gateway);
        Ok(Self {
            port,
            lambda,
            gateway,
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
