//! The server process.

use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Stdio;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::task::spawn_blocking;

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

/// A running server process. Its guard ends it.
#[derive(Debug)]
pub(super) struct ServerProcess {
    pid: i32,
    /// Waits for its end. This is not Tokio's business: tests share a cluster, and each has a
    /// runtime of its own.
    waiting: JoinHandle<()>,
}

impl ServerProcess {
    pub(super) fn start(
        setup: &Setup,
        port: u16,
        log: File,
        guard: &Arc<Guard>,
    ) -> io::Result<Self> {
        let mut command = setup.account.command(setup.binaries.join("postgres"));
        command.arg("-D").arg(setup.data());
        command.args(["-c", &format!("port={port}")]);
        for setting in SETTINGS
            .iter()
            .chain(NOT_DURABLE.iter().filter(|_| !setup.durable))
        {
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
        let mut child = command.spawn()?;
        let pid = child.id().cast_signed();
        guard.add(pid);
        let guard = Arc::clone(guard);
        let waiting = thread::spawn(move || {
            let _ = child.wait();
            guard.remove(pid);
        });
        Ok(Self { pid, waiting })
    }

    /// Whether the server has ended, for any reason.
    pub(super) fn has_ended(&self) -> bool {
        self.waiting.is_finished()
    }

    /// Sends a signal that ends the server, and returns when it has ended.
    pub(super) async fn end(self, signal: Signal) {
        if !self.has_ended() {
            let _ = kill(Pid::from_raw(self.pid), signal);
        }
        let _ = spawn_blocking(|| self.waiting.join()).await;
    }
}
