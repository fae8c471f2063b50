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
use crate::gateway::{Gateway, RouteTable};
use crate::lambda::{EnvironmentStatus, InvokeError, Lambda};
use crate::schedule;
use crate::template::Schedule;

/// How long requests in progress may take when the server stops.
const DRAIN_LIMIT: Duration = Duration::from_secs(2);

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
        Self::start_on(listener, options).await
    }

    /// Starts a server on a socket that already listens.
    ///
    /// # Errors
    ///
    /// As for [`Server::start`].
    pub async fn start_on(listener: TcpListener, options: ServerOptions) -> Result<Self> {
        let port = listener.local_addr()?.port();
        let lambda = Arc::new(Lambda::start(&options).await?);
        let stop = Arc::<Notify>::default();
        let gateway = Gateway {
            routes: RouteTable::new(options.template.routes)?,
            cors: options.template.cors,
            lambda: Arc::clone(&lambda),
            redirects: options.redirects,
            port,
            timeout: options.integration_timeout,
        };
        let gateway = JoinSet::from_iter([gateway.serve(listener, Arc::clone(&stop))]);
        Ok(Self {
            port,
            lambda,
            schedules: options.template.schedules,
            gateway: Mutex::new(gateway),
            stop,
        })
    }

    /// Its address: `http://127.0.0.1:PORT`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The emulated Lambda behind it.
    #[must_use]
    pub fn lambda(&self) -> &Lambda {
        &self.lambda
    }

    /// Invokes a function (by the name of its binary) directly, as `aws lambda invoke` does.
    ///
    /// # Errors
    ///
    /// As for [`Lambda::invoke`].
    pub async fn invoke(&self, function: &str, event: Value) -> Result<Value, InvokeError> {
        let event = Bytes::from(event.to_string());
        let payload = self.lambda.invoke(function, event).await?;
        Ok(serde_json::from_slice(&payload).unwrap_or(Value::Null))
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
