//! A private PostgreSQL cluster.

mod account;
mod database;
mod server;
mod setup;

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use nix::sys::signal::Signal;
use tokio::sync::Mutex;

use server::ServerProcess;
use setup::{SUPERUSER, Setup};

use crate::guard::Guard;

/// How long a server may take to accept connections, including recovery after a crash.
const START_LIMIT: Duration = Duration::from_secs(30);
/// How often a server that starts is asked for a connection.
const READY_POLL: Duration = Duration::from_millis(10);

/// How to start a cluster.
#[derive(Clone, Debug)]
pub struct ClusterOptions {
    /// The directory of its data, log and password. It is created if it does not exist; where
    /// PostgreSQL's user cannot reach it, as a link to a directory under `/var/tmp`.
    pub directory: PathBuf,
    /// Whether it survives a crash of the machine. It is much faster if not.
    pub durable: bool,
    /// Whether the directory is removed when the [`Cluster`] is dropped or this process ends,
    /// however it ends.
    pub temporary: bool,
}

impl ClusterOptions {
    /// A cluster that is kept in `directory`.
    pub fn kept(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            durable: true,
            temporary: false,
        }
    }
}

/// A new name for the directory of a cluster.
fn new_name() -> String {
    format!("todo-postgres-{}", uuid::Uuid::now_v7().simple())
}

/// A running PostgreSQL cluster, with a superuser `postgres` and a role `todo` that owns databases
/// and has the rights of a Neon project's owner. It is shut down when this is dropped or the
/// process ends.
#[derive(Debug)]
pub struct Cluster {
    setup: Setup,
    port: u16,
    password: String,
    /// Ends the server with this process, and removes the directory if it is temporary.
    guard: Arc<Guard>,
    /// None while it is stopped.
    server: Mutex<Option<ServerProcess>>,
}

impl Cluster {
    /// Starts the cluster, creating it if necessary, and returns when it accepts connections.
    ///
    /// # Errors
    ///
    /// When PostgreSQL is not installed and cannot be, another process uses the directory, or the
    /// server does not start; the message then has the end of its log.
    pub async fn start(options: ClusterOptions) -> Result<Self> {
        let prepare = move || {
            let setup = Setup::find(&options)?;
            let log = setup.locked_log()?;
            let removed = options.temporary.then_some(setup.directory.as_path());
            let guard = Arc::new(Guard::start("INT", removed)?);
            let (password, port) = (setup.password()?, setup.port()?);
            let server = Mutex::default();
            anyhow::Ok((
                Self {
                    setup,
                    port,
                    password,
                    guard,
                    server,
                },
                log,
            ))
        };
        let (cluster, log) = tokio::task::spawn_blocking(prepare).await??;
        cluster.run(log).await?;
        cluster.create_owner().await?;
        Ok(cluster)
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address of a database for `todo`, its owner.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        self.url_as(database::OWNER, database)
    }

    /// The address of a database for `postgres`, the superuser.
    #[must_use]
    pub fn superuser_url(&self, database: &str) -> String {
        self.url_as(SUPERUSER, database)
    }

    fn url_as(&self, role: &str, database: &str) -> String {
        let Self { password, port, .. } = self;
        format!("postgres://{role}:{password}@127.0.0.1:{port}/{database}?sslmode=disable")
    }

    /// Shuts down (fast: sessions end, data is written), and returns when the server has ended.
    pub async fn stop(&self) {
        self.end(Signal::SIGINT).await;
    }

    /// Ends at once, like a crash (immediate shutdown); a restart recovers.
    pub async fn kill(&self) {
        self.end(Signal::SIGQUIT).await;
    }

    /// Stops if it is running, and starts again on the same port.
    ///
    /// # Errors
    ///
    /// When it does not start.
    pub async fn restart(&self) -> Result<()> {
        self.stop().await;
        self.run(self.setup.locked_log()?).await
    }

    async fn end(&self, signal: Signal) {
        if let Some(server) = self.server.lock().await.take() {
            server.end(signal).await;
        }
    }

    /// Starts the server and waits until it accepts connections.
    async fn run(&self, log: File) -> Result<()> {
        let server = ServerProcess::start(&self.setup, self.port, log, &self.guard)?;
        let deadline = Instant::now() + START_LIMIT;
        while let Err(error) = self.connect(SUPERUSER, "postgres").await {
            if server.has_ended() || Instant::now() > deadline {
                let log = self.setup.end_of_log();
                bail!("PostgreSQL does not start: {error}. {log}");
            }
            tokio::time::sleep(READY_POLL).await;
        }
        *self.server.lock().await = Some(server);
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.guard.release();
    }
}
