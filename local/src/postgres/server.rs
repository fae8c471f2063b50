//! The server process, and the shell that ends it when we end.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use super::account::Account;
use super::binaries::Binaries;
use super::{ClusterError, Layout};

/// Runs a server for as long as we hold our end of its stdin. However we end, SIGKILL included, that pipe
/// closes, and the server is shut down. A line names a signal to shut down with while we go on.
///
/// Arguments: the directory to remove when the pipe closes, or nothing; the command.
const SUPERVISOR: &str = include_str!("supervisor.sh");
/// How often the end of a process is looked for. The handle must outlive the Tokio runtime that it was
/// made in (tests share a cluster and have a runtime each), so Tokio's own way to wait is no good here.
const POLL: Duration = Duration::from_millis(5);

/// How a server shuts down, as PostgreSQL calls it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shutdown {
    /// Ends all sessions and writes a checkpoint.
    Fast,
    /// Ends at once; the next start recovers.
    Immediate,
}

/// A running server. Dropping it shuts it down in the background, and removes its directory then if it is
/// temporary.
#[derive(Debug)]
pub(super) struct Server {
    supervisor: Child,
    /// Closing it is what ends the server.
    lifeline: ChildStdin,
}

/// What is left of a temporary cluster while it is stopped: dropping it removes the directory.
#[derive(Debug)]
pub(super) struct Remainder(Server);

/// What a server is started with.
#[derive(Clone, Debug)]
pub(super) struct ServerOptions {
    pub(super) binaries: Binaries,
    pub(super) account: Account,
    pub(super) durable: bool,
    /// Whether the whole directory is removed in the end.
    pub(super) temporary: bool,
}

impl Server {
    pub(super) fn start(
        layout: &Layout,
        port: u16,
        options: &ServerOptions,
    ) -> Result<Self, ClusterError> {
        let mut command = vec![options.binaries.postgres().into_os_string()];
        command.extend(
            arguments(layout, port, options.durable)
                .into_iter()
                .map(OsString::from),
        );
        Self::supervise(&command, layout, options)
    }

    fn supervise(
        command: &[OsString],
        layout: &Layout,
        options: &ServerOptions,
    ) -> Result<Self, ClusterError> {
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(layout.log());
        let log = log.map_err(|source| layout.failed(source))?;
        let errors = log.try_clone().map_err(|source| layout.failed(source))?;
        let mut shell = Command::new("/bin/sh");
        shell
            .args(["-c", SUPERVISOR, "postgres-supervisor"])
            .arg(if options.temporary {
                layout.directory.as_path()
            } else {
                Path::new("")
            })
            .args(command)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(log)
            .stderr(errors)
            // Ctrl-C in a terminal goes to the whole group: the functions are to end before PostgreSQL.
            .process_group(0);
        let mut supervisor = options
            .account
            .run(&mut shell)
            .spawn()
            .map_err(|source| layout.failed(source))?;
        let lifeline = supervisor
            .stdin
            .take()
            .ok_or_else(|| layout.failed(io::ErrorKind::BrokenPipe.into()))?;
        Ok(Self {
            supervisor,
            lifeline,
        })
    }

    /// Whether the server has ended, by itself or as it was asked to.
    pub(super) fn has_ended(&mut self) -> bool {
        !matches!(self.supervisor.try_wait(), Ok(None))
    }

    /// Shuts down, and returns when the server has ended. The directory stays.
    pub(super) async fn stop(self, shutdown: Shutdown) {
        self.signal(match shutdown {
            Shutdown::Fast => "INT",
            Shutdown::Immediate => "QUIT",
        })
        .await;
    }

    async fn signal(mut self, signal: &str) {
        // When this fails, the supervisor has ended already.
        let _ = writeln!(self.lifeline, "{signal}");
        while !self.has_ended() {
            tokio::time::sleep(POLL).await;
        }
    }
}

impl Remainder {
    /// What stays after the server of a temporary cluster has stopped.
    pub(super) fn of(layout: &Layout, options: &ServerOptions) -> Result<Self, ClusterError> {
        Server::supervise(&["true".into()], layout, options).map(Self)
    }

    /// Keeps the directory, for the server to start again.
    pub(super) async fn keep(self) {
        self.0.signal("0").await;
    }
}

/// Everything is on the command line, so that a cluster that is kept follows what the code says.
fn arguments(layout: &Layout, port: u16, durable: bool) -> Vec<String> {
    let mut settings = vec![
        format!("port={port}"),
        "listen_addresses=127.0.0.1".into(),
        // A path of a socket may be about 100 bytes long, that of a clone longer.
        "unix_socket_directories=".into(),
        "max_connections=500".into(),
        "timezone=UTC".into(),
        "log_timezone=UTC".into(),
    ];
    if !durable {
        settings.extend(
            [
                "fsync=off",
                "synchronous_commit=off",
                "full_page_writes=off",
            ]
            .map(String::from),
        );
    }
    let mut arguments = vec![
        "-D".to_owned(),
        layout.data().to_string_lossy().into_owned(),
    ];
    arguments.extend(
        settings
            .into_iter()
            .flat_map(|setting| ["-c".to_owned(), setting]),
    );
    arguments
}

/// The port that the cluster had last, so that what was made for it goes on working; else a free one.
pub(super) fn port(layout: &Layout) -> Result<u16, ClusterError> {
    // The command line of the last start.
    let options = fs::read_to_string(layout.data().join("postmaster.opts")).unwrap_or_default();
    let former = options
        .split('"')
        .find_map(|word| word.strip_prefix("port=")?.parse().ok());
    former
        .filter(|port| is_free(*port))
        .map_or_else(free_port, Ok)
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// A free port below those that systems give to outgoing connections (from 32768 on Linux), so that a
/// restarted server finds its port still free.
fn free_port() -> Result<u16, ClusterError> {
    (0..100)
        .map(|_| {
            let random = uuid::Uuid::new_v4().as_u128() % 12_000;
            20_000 + u16::try_from(random).unwrap_or_default()
        })
        .find(|port| is_free(*port))
        .ok_or(ClusterError::NoPort)
}

/// Waits for a server that already runs on the directory: it may be shutting down.
pub(super) async fn wait_for_former(
    layout: &Layout,
    patience: Duration,
) -> Result<(), ClusterError> {
    let deadline = Instant::now() + patience;
    while former_runs(layout) {
        if Instant::now() > deadline {
            return Err(ClusterError::InUse {
                directory: layout.directory.clone(),
            });
        }
        tokio::time::sleep(POLL * 4).await;
    }
    Ok(())
}

/// Whether the process that `postmaster.pid` names is a server: its number may be another's by now.
fn former_runs(layout: &Layout) -> bool {
    let Ok(pid_file) = fs::read_to_string(layout.data().join("postmaster.pid")) else {
        return false;
    };
    let lines: Vec<&str> = pid_file.lines().map(str::trim).collect();
    let number = |line: usize| lines.get(line).and_then(|line| line.parse::<i32>().ok());
    let Some(pid) = number(0).filter(|pid| *pid > 0) else {
        return false;
    };
    let is_alive = !matches!(
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), None),
        Err(nix::errno::Errno::ESRCH)
    );
    let port = number(3).and_then(|port| u16::try_from(port).ok());
    is_alive && port.is_none_or(|port| !is_free(port))
}
