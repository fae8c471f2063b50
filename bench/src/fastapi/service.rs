//! The FastAPI service as a process.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};

use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::cases::{Case, USER};
use crate::events::{SECRET, Sender};

/// How long a start may take.
const START_LIMIT: Duration = Duration::from_secs(30);

/// A running service. Dropping it ends it.
pub(super) struct FastApiService<'a> {
    pub(super) process: Child,
    client: Client<HttpConnector, Body>,
    port: u16,
    sender: &'a Sender,
}

impl<'a> FastApiService<'a> {
    /// Starts the service with the database at `url`, and returns when it listens.
    pub(super) async fn start(
        python: &Path,
        folder: &Path,
        url: &str,
        sender: &'a Sender,
    ) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        drop(listener);
        let process = Command::new(python)
            .args([
                "-m",
                "uvicorn",
                "service:app",
                "--no-access-log",
                "--log-level",
                "warning",
                "--port",
            ])
            .arg(port.to_string())
            .current_dir(folder)
            .env(
                "DATABASE_URL",
                url.replace("postgres://", "postgresql+psycopg2://"),
            )
            .env("BETTER_AUTH_SECRET", SECRET)
            // Compiled code is kept, but outside of the project.
            .env("PYTHONPYCACHEPREFIX", python.with_file_name("compiled"))
            .stdin(Stdio::null())
            .spawn()?;
        let client = Client::builder(TokioExecutor::new()).build_http();
        let service = Self {
            process,
            client,
            port,
            sender,
        };
        service.is_ready().await?;
        Ok(service)
    }

    /// Waits until the service listens.
    async fn is_ready(&self) -> Result<()> {
        let deadline = Instant::now() + START_LIMIT;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))
            .await
            .is_err()
        {
            if Instant::now() > deadline {
                return Err(anyhow!("the FastAPI service does not start"));
            }
            sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    }

    /// Sends the request that a function would get. Returns the milliseconds to its answer, which
    /// must be a success.
    pub(super) async fn ask(&self, case: &Case, n: usize) -> Result<f64> {
        let request = self.request(&serde_json::from_slice(&case.event(self.sender, n)?)?)?;
        let started = Instant::now();
        let answer = self.client.request(request).await?;
        let status = answer.status();
        let body = to_bytes(Body::new(answer.into_body()), usize::MAX).await?;
        let time = started.elapsed().as_secs_f64() * 1000.0;
        if status.is_success() {
            return Ok(time);
        }
        let body = String::from_utf8_lossy(&body);
        Err(anyhow!("FastAPI answered {status}: {body}"))
    }

    /// The HTTP request that an event stands for.
    fn request(&self, event: &Value) -> Result<Request<Body>> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let key = text(&event["routeKey"]);
        let (method, route) = key.split_once(' ').unwrap_or_default();
        let id = text(&event["pathParameters"]["task_id"]);
        let path = route.replace("{user_id}", USER).replace("{task_id}", &id);
        let request = Request::builder()
            .method(method)
            .uri(format!("http://127.0.0.1:{}{path}", self.port))
            .header(
                header::AUTHORIZATION,
                text(&event["headers"]["authorization"]),
            )
            .header(header::CONTENT_TYPE, "application/json");
        Ok(request.body(Body::from(text(&event["body"])))?)
    }
}

impl Drop for FastApiService<'_> {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
