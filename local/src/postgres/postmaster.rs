//! The server process, and the shell that ends it when this process ends.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};

use super::setup::Setup;

/// Runs a server for as long as this process holds its end of the shell's stdin. However this
/// process ends, even by SIGKILL, that pipe closes, and the server is shut down. A line in the pipe
/// names a signal to end it with while this process goes on.
///
/// Arguments: the directory to remove when the pipe closes, or nothing; the command.
const SUPERVISOR: &str = include_str!("supervisor.sh");
/// How often to check whether a process has ended. The handle must outlive the Tokio runtime that
/// created it (tests share a cluster, and each has its own runtime), so Tokio cannot wait for it.
const POLL: Duration = Duration::from_millis(5);

/// How a server shuts down, in PostgreSQL's terms.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shutdown {
    /// Ends all sessions and writes a checkpoint.
    Fast,
    /// Ends at once; the next start recovers.
    Immediate,
    /// The server has stopped already.
    Done,
}

/// A running server. Dropping it shuts it down in the background, and then removes its directory if
/// that is temporary.
#[derive(Debug)]
pub(super) struct Postmaster {
    supervisor: Child,
    /// Closing it ends the server.
    lifeline: ChildStdin,
}

impl Postmaster {
    pub(super) fn start(setup: &Setup, port: u16) -> Result<Self> {
        Self::supervise(setup, &command(setup, port))
    }

    /// In place of a stopped server: dropping it removes the directory.
    pub(super) fn stopped(setup: &Setup) -> Result<Self> {
        Self::supervise(setup, &["true".into()])
    }

    fn supervise(setup: &Setup, command: &[OsString]) -> Result<Self> {
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(setup.log());
        let log = log.with_context(|| setup.log().display().to_string())?;
        let removed = if setup.temporary {
            setup.directory.as_path()
        } else {
            Path::new("")
        };
        let mut shell = Command::new("/bin/sh");
        shell
            .args(["-c", SUPERVISOR, "postgres-supervisor"])
            .arg(removed)
            .args(command)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            // Ctrl-C in a terminal goes to the whole group, but the functions must end before
            // PostgreSQL.
            .process_group(0);
        let mut supervisor = setup.account.run(&mut shell).spawn()?;
        let lifeline = supervisor
            .stdin
            .take()
            .context("the supervisor has no stdin")?;
        Ok(Self {
            supervisor,
            lifeline,
        })
    }

    /// Whether the server has ended, for whatever reason.
    pub(super) fn has_ended(&mut self) -> bool {
        !matches!(self.supervisor.try_wait(), Ok(None))
    }

    /// Shuts down, and returns when the server has ended. The directory stays.
    pub(super) async fn stop(mut self, shutdown: Shutdown) {
        let signal = match shutdown {
            Shutdown::Fast => "INT",
            Shutdown::Immediate => "QUIT",
            Shutdown::Done => "0",
        };
        // If this fails, the supervisor has ended already.
        let _ = writeln!(self.lifeline, "{signal}");
        while !self.has_ended() {
            tokio::time::sleep(POLL).await;
        }
    }
}

/// Every setting is on the command line, so that a kept cluster follows the code.
fn command(setup: &Setup, port: u16) -> Vec<OsString> {
    let port = format!("port={port}");
    let settings = [
        port.as_str(),
        "listen_addresses=127.0.0.1",
        // A socket's path may have about 100 bytes, and a clone's path may be longer.
        "unix_socket_directories=",
        "max_connections=500",
        "timezone=UTC",
        "log_timezone=UTC",
    ];
    let not_durable = [
        "fsync=off",
        "synchronous_commit=off",
        "full_page_writes=off",
    ];
    let not_durable = not_durable.into_iter().filter(|_| !setup.durable);
    let mut command = vec![
        setup.binaries.postgres().into(),
        "-D".into(),
        setup.data().into(),
    ];
    for setting in settings.into_iter().chain(not_durable) {
        command.extend(["-c".into(), setting.into()]);
    }
    command
}
