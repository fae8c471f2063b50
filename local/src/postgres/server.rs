//! The server process.

use std::fs::OpenOptions;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;

use anyhow::{Context, Result};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::sync::watch;

use super::setup::Setup;
use crate::guard::Guard;

/// Every setting is on the command line, so that a kept cluster follows the code.
const SETTINGS: [&str; 5] = [
    "listen_addresses=127.0.0.1",
    // A socket's path may have about 100 bytes, and a clone's path may be longer.
    "unix_socket_directories=",
    "max_connections=500",
    "timezone=UTC",
    "log_timezone=UTC",
];
/// Settings of a cluster that need not survive a crash of the machine.
const NOT_DURABLE: [&str; 3] = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
];

/// A running server. Its guard ends it.
#[derive(Debug)]
pub(super) struct Server {
    pid: i32,
    /// Closed when it has ended.
    ended: watch::Receiver<()>,
}

impl Server {
    pub(super) fn start(setup: &Setup, port: u16, guard: &Arc<Guard>) -> Result<Self> {
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(setup.log());
        let log = log.with_context(|| setup.log().display().to_string())?;
        let not_durable = NOT_DURABLE.iter().filter(|_| !setup.durable);
        let mut command = Command::new(setup.binaries.join("postgres"));
        command.arg("-D").arg(setup.data());
        command.args(["-c", &format!("port={port}")]);
        for setting in SETTINGS.iter().chain(not_durable) {
            command.args(["-c", setting]);
        }
        command
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            // Ctrl-C in a terminal goes to the whole group, but the functions must end before
            // PostgreSQL.
            .process_group(0);
        let mut child = setup.account.run(&mut command).spawn()?;
        let pid = child.id().cast_signed();
        guard.add(pid);
        let (sender, ended) = watch::channel(());
        let guard = Arc::clone(guard);
        // Not Tokio's: tests share a cluster, and each has a runtime of its own.
        thread::spawn(move || {
            let _ = child.wait();
            guard.remove(pid);
            drop(sender);
        });
        Ok(Self { pid, ended })
    }

    /// Whether the server has ended, for any reason.
    pub(super) fn has_ended(&self) -> bool {
        self.ended.has_changed().is_err()
    }

    /// Sends a signal that ends the server, and returns when it has ended.
    pub(super) async fn end(mut self, signal: Signal) {
        if !self.has_ended() {
            let _ = kill(Pid::from_raw(self.pid), signal);
        }
        while self.ended.changed().await.is_ok() {}
    }
}
