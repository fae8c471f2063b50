//! A private PostgreSQL cluster.

mod account;
mod binaries;
mod database;
mod error;
mod initialize;
mod install;
mod memory;
mod server;

use std::env;
use std::io;
use std::mem;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use account::Account;
use binaries::Binaries;
pub use error::ClusterError;
use server::{Remainder, Server, ServerOptions, Shutdown};

/// How long a server may take to accept connections; recovery after a crash included.
const START_LIMIT: Duration = Duration::from_secs(30);
/// How long a former server on the same directory may take to end.
const FORMER_LIMIT: Duration = Duration::from_secs(5);
/// How often a server that starts is asked for a connection.
const READY_POLL: Duration = Duration::from_millis(10);

/// What a cluster is started with.
#[derive(Clone, Debug)]
pub struct ClusterOptions {
    /// Where it is kept: data, log and password. Made if it does not exist; as a link to a directory under
    /// `/var/tmp` when PostgreSQL's user cannot get there.
    pub directory: PathBuf,
    /// Whether it survives a crash of the machine. Without, it is much faster.
    pub durable: bool,
    /// The port on 127.0.0.1; if none is given, the one it had last, or any that is free.
    pub port: Option<u16>,
    /// Whether the directory is removed when the [`Cluster`] is dropped or we end, by whatever means.
    pub temporary: bool,
}

impl ClusterOptions {
    /// A cluster for tests: in a new directory, removed afterwards, fast rather than durable.
    #[must_use]
    pub fn temporary() -> Self {
        let directory = memory::directory()
            .unwrap_or_else(env::temp_dir)
            .join(new_name());
        Self {
            directory,
            durable: false,
            port: None,
            temporary: true,
        }
    }

    /// A cluster that is kept in `directory`.
    pub fn kept(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            durable: true,
            port: None,
            temporary: false,
        }
    }
}

/// A name that no directory of a cluster has yet.
fn new_name() -> String {
    format!("todo-postgres-{}", uuid::Uuid::now_v7().simple())
}

/// Where the parts of a cluster are.
#[derive(Clone, Debug)]
struct Layout {
    directory: PathBuf,
}

impl Layout {
    fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    fn log(&self) -> PathBuf {
        self.directory.join("postgresql.log")
    }

    fn password(&self) -> PathBuf {
        self.directory.join("password")
    }

    fn failed(&self, source: io::Error) -> ClusterError {
        ClusterError::Directory {
            directory: self.directory.clone(),
            source,
        }
    }
}

/// A running PostgreSQL cluster, with a superuser `postgres` and a role `todo` that owns databases and has
/// the rights of a Neon project's owner. When this is dropped, or the process ends, it is shut down.
#[derive(Debug)]
pub struct Cluster {
    layout: Layout,
    options: ServerOptions,
    port: u16,
    password: String,
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    Running(Server),
    Stopped(Option<Remainder>),
}

impl Cluster {
    /// Starts the cluster, made first if there is none, and returns when it accepts connections.
    ///
    /// # Errors
    ///
    /// When PostgreSQL is not installed and cannot be, another process uses the directory, or it does not
    /// start; then the message has the end of its log.
    pub async fn start(options: ClusterOptions) -> Result<Self, ClusterError> {
        let (layout, server_options) = initialize::prepare(&options).await?;
        server::wait_for_former(&layout, FORMER_LIMIT).await?;
        let password = initialize::initialize(&layout, &server_options).await?;
        let port = options.port.map_or_else(|| server::port(&layout), Ok)?;
        let state = Mutex::new(State::Stopped(None));
        let cluster = Self {
            layout,
            options: server_options,
            port,
            password,
            state,
        };
        cluster.run().await?;
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
        self.url_as(initialize::SUPERUSER, database)
    }

    fn url_as(&self, role: &str, database: &str) -> String {
        format!(
            "postgres://{role}:{}@127.0.0.1:{}/{database}?sslmode=disable",
            self.password, self.port
        )
    }

    /// Shuts down fast: sessions end, data is written. Returns when the server has ended.
    ///
    /// # Errors
    ///
    /// Only for a temporary cluster, when nothing can be set up to remove its directory in the end.
    pub async fn stop(&self) -> Result<(), ClusterError> {
        self.end(Shutdown::Fast).await
    }

    /// Ends at once as in a crash (immediate shutdown); a restart recovers.
    ///
    /// # Errors
    ///
    /// As for [`Cluster::stop`].
    pub async fn kill(&self) -> Result<(), ClusterError> {
        self.end(Shutdown::Immediate).await
    }

    /// Stops if it runs, and starts again on the same port.
    ///
    /// # Errors
    ///
    /// When it does not start.
    pub async fn restart(&self) -> Result<(), ClusterError> {
        self.end(Shutdown::Fast).await?;
        self.run().await
    }

    async fn end(&self, shutdown: Shutdown) -> Result<(), ClusterError> {
        let mut state = self.state.lock().await;
        match mem::replace(&mut *state, State::Stopped(None)) {
            State::Running(server) => {
                server.stop(shutdown).await;
                if self.options.temporary {
                    *state = State::Stopped(Some(Remainder::of(&self.layout, &self.options)?));
                }
            }
            stopped @ State::Stopped(_) => *state = stopped,
        }
        Ok(())
    }

    /// Starts the server and waits until it accepts connections.
    async fn run(&self) -> Result<(), ClusterError> {
        let mut state = self.state.lock().await;
        if let State::Stopped(Some(remainder)) = mem::replace(&mut *state, State::Stopped(None)) {
            remainder.keep().await;
        }
        let mut server = Server::start(&self.layout, self.port, &self.options)?;
        let deadline = Instant::now() + START_LIMIT;
        while let Err(error) = self.connect(initialize::SUPERUSER, "postgres").await {
            if server.has_ended() || Instant::now() > deadline {
                return Err(initialize::start_error(&self.layout, &error));
            }
            tokio::time::sleep(READY_POLL).await;
        }
        *state = State::Running(server);
        Ok(())
    }
}
