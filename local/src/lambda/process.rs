//! The process of an execution environment.

use std::io;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Instant;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::process::{Child, Command};

use super::fleet::Fleet;
use super::output::Output;

/// A running process, the leader of its own process group. Dropping it kills the group.
pub(super) struct FunctionProcess {
    child: Child,
    pub(super) pid: u32,
    pub(super) started: Instant,
    output: Arc<Output>,
    fleet: Arc<Fleet>,
}

impl FunctionProcess {
    /// Starts a function in its own directory, as Lambda does in `/var/task`, so that it does not
    /// find by accident files that are not deployed. `variables` are those that are its own.
    pub(super) fn start(fleet: &Arc<Fleet>, variables: [(&str, String); 2]) -> io::Result<Self> {
        let (output, writer) = Output::pipe(fleet)?;
        let started = Instant::now();
        let binaries = &fleet.host.options.binaries;
        let child = Command::new(binaries.join(&fleet.function.binary))
            .current_dir(binaries)
            .env_clear()
            .envs(&fleet.variables)
            .envs(variables)
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer)
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let pid = child.id().ok_or(io::ErrorKind::NotFound)?;
        fleet.host.guard.add(-pid.cast_signed());
        Ok(Self {
            child,
            pid,
            started,
            output,
            fleet: Arc::clone(fleet),
        })
    }

    /// Whether it is stopped and nothing else: not about to end.
    pub(super) fn is_frozen(&self) -> bool {
        proc_status(self.pid).is_none_or(|(state, _)| state == 'T')
    }

    /// The most memory that it has used so far, in MB rounded up, where that is known.
    pub(super) fn max_memory(&self) -> Option<u64> {
        let (_, kibibytes) = proc_status(self.pid)?;
        Some(kibibytes?.div_ceil(1024))
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

impl Drop for FunctionProcess {
    fn drop(&mut self) {
        self.signal(Signal::SIGKILL);
        self.fleet.host.guard.remove(-self.pid.cast_signed());
    }
}

/// The state of a process, and the most KiB of memory that it has used; none where there is no
/// `/proc`.
#[cfg(target_os = "linux")]
fn proc_status(pid: u32) -> Option<(char, Option<u64>)> {
    let process = procfs::process::Process::new(pid.cast_signed()).ok()?;
    let status = process.status().ok()?;
    Some((status.state.chars().next()?, status.vmhwm))
}

#[cfg(not(target_os = "linux"))]
fn proc_status(_: u32) -> Option<(char, Option<u64>)> {
    None
}
