//! The process of an execution environment.

use std::collections::BTreeMap;
use std::io;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Instant;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::process::{Child, Command};

use super::Service;
use super::output::Output;

/// A running process, the leader of its own process group. Dropping it kills the group.
pub(super) struct Process {
    child: Child,
    pub(super) pid: u32,
    pub(super) started: Instant,
    output: Arc<Output>,
    service: Arc<Service>,
}

impl Process {
    /// Starts a function in its own directory, as Lambda does in `/var/task`, so that it does not
    /// find by accident files that are not deployed.
    pub(super) fn start(
        service: &Arc<Service>,
        function: &str,
        variables: &BTreeMap<String, String>,
    ) -> io::Result<Self> {
        let (output, writer) = Output::pipe(function, Arc::clone(&service.log))?;
        let started = Instant::now();
        let child = Command::new(service.binaries.join(function))
            .current_dir(&service.binaries)
            .env_clear()
            .envs(variables)
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer)
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let pid = child.id().ok_or(io::ErrorKind::NotFound)?;
        service.guard.add(-pid.cast_signed());
        Ok(Self {
            child,
            pid,
            started,
            output,
            service: Arc::clone(service),
        })
    }

    /// Whether it is stopped and nothing else: not about to end.
    pub(super) fn is_frozen(&self) -> bool {
        proc::is_stopped(self.pid).unwrap_or(true)
    }

    /// The most memory that it has used so far, in MB rounded up, where that is known.
    pub(super) fn max_memory(&self) -> Option<u64> {
        proc::max_kibibytes(self.pid).map(|kibibytes| kibibytes.div_ceil(1024))
    }

    /// Whether it has ended.
    pub(super) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Logs everything that it has written so far.
    pub(super) fn drain(&self) {
        self.output.drain();
    }

    /// Waits for its end, and describes it as Lambda does: `exit status 1`.
    pub(super) async fn ended(&mut self) -> String {
        let status = self.child.wait().await;
        self.output.drain();
        // The standard library says `exit status: 1`.
        status.map_or_else(
            |error| error.to_string(),
            |status| status.to_string().replace("status: ", "status "),
        )
    }

    /// Signals the group, unless its leader has been reaped: its pid may belong to another process
    /// by then.
    pub(super) fn signal(&self, signal: Signal) {
        if let Some(pid) = self.child.id() {
            let _ = killpg(Pid::from_raw(pid.cast_signed()), signal);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.signal(Signal::SIGKILL);
        self.service.guard.remove(-self.pid.cast_signed());
    }
}

/// What `/proc` says about a process; nothing where there is no `/proc`.
#[cfg(target_os = "linux")]
mod proc {
    use procfs::process::Process;

    pub(super) fn is_stopped(pid: u32) -> Option<bool> {
        let stat = Process::new(pid.try_into().ok()?).and_then(|process| process.stat());
        Some(stat.is_ok_and(|stat| stat.state == 'T'))
    }

    pub(super) fn max_kibibytes(pid: u32) -> Option<u64> {
        Process::new(pid.try_into().ok()?)
            .ok()?
            .status()
            .ok()?
            .vmhwm
    }
}

#[cfg(not(target_os = "linux"))]
mod proc {
    pub(super) fn is_stopped(_: u32) -> Option<bool> {
        None
    }

    pub(super) fn max_kibibytes(_: u32) -> Option<u64> {
        None
    }
}
