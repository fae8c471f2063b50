//! PgBouncer between functions and PostgreSQL, in transaction mode as at Neon.

use std::fs::{self, Permissions};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::net::TcpStream;

/// A running PgBouncer. Dropping it ends it.
pub struct PgBouncer {
    port: u16,
    directory: TempDir,
    process: Mutex<Child>,
}

impl PgBouncer {
    /// Starts one in front of the PostgreSQL of `url`, with at most `pool_size` connections to it.
    pub async fn start(url: &str, pool_size: usize) -> Self {
        let directory = open_directory();
        let port = free_port();
        fs::write(
            directory.path().join("pgbouncer.ini"),
            configuration(url, port, pool_size),
        )
        .unwrap();
        let process = Mutex::new(spawn(&directory));
        let bouncer = Self {
            port,
            directory,
            process,
        };
        bouncer.is_ready().await;
        bouncer
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Kills it and all its connections, and starts it again after `pause`.
    pub async fn restart(&self, pause: Duration) {
        self.end();
        tokio::time::sleep(pause).await;
        *self.process.lock().unwrap() = spawn(&self.directory);
        self.is_ready().await;
    }

    fn end(&self) {
        let mut process = self.process.lock().unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
    }

    async fn is_ready(&self) {
        let started = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))
            .await
            .is_err()
        {
            assert!(
                started.elapsed() < Duration::from_secs(5),
                "PgBouncer does not start"
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        self.end();
    }
}

/// A directory that PgBouncer can enter as another user: those that `tempfile` makes are closed to
/// others.
fn open_directory() -> TempDir {
    let directory = tempfile::Builder::new()
        .prefix("todo-pgbouncer-")
        .tempdir()
        .unwrap();
    fs::set_permissions(directory.path(), Permissions::from_mode(0o755)).unwrap();
    directory
}

fn spawn(directory: &TempDir) -> Child {
    let mut command = Command::new("pgbouncer");
    command
        .arg(directory.path().join("pgbouncer.ini"))
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command.stderr(Stdio::null()).spawn().unwrap()
}

/// The settings of Neon's that are published (<https://neon.com/docs/connect/connection-pooling>),
/// but for the sizes.
fn configuration(url: &str, port: u16, pool_size: usize) -> String {
    let url: tokio_postgres::Config = url.parse().unwrap();
    let (user, password) = (
        url.get_user().unwrap(),
        String::from_utf8_lossy(url.get_password().unwrap()),
    );
    let server = url.get_ports()[0];
    let mut lines = vec![
        "[databases]".to_owned(),
        format!("* = host=127.0.0.1 port={server} user={user} password={password}"),
        "[pgbouncer]".to_owned(),
        format!("listen_addr = 127.0.0.1\nlisten_port = {port}"),
        "unix_socket_dir =\nauth_type = any".to_owned(),
        format!("pool_mode = transaction\ndefault_pool_size = {pool_size}"),
        "max_client_conn = 10000\nquery_wait_timeout = 120".to_owned(),
        // Not published. By default, PgBouncer retries a server that it cannot reach after 15 s.
        "server_login_retry = 1".to_owned(),
    ];
    if version() >= (1, 21) {
        lines.push("max_prepared_statements = 1000".to_owned());
    }
    if fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0) {
        // It refuses to run as root.
        lines.push("user = nobody".to_owned());
    }
    lines.join("\n")
}

/// The version: (1, 22) when PgBouncer prints "PgBouncer 1.22.0".
fn version() -> (u32, u32) {
    let output = Command::new("pgbouncer").arg("--version").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let mut numbers = text
        .split_whitespace()
        .nth(1)
        .unwrap()
        .split('.')
        .map(|part| part.parse().unwrap());
    (numbers.next().unwrap(), numbers.next().unwrap())
}

/// A free port below the range of outgoing connections, so that nothing else takes it during a
/// restart.
fn free_port() -> u16 {
    let mut candidates = std::iter::repeat_with(|| fastrand::u16(12_000..20_000));
    candidates
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .unwrap()
}
