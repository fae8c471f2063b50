//! The process of an execution environment.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Instant;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::process::{Child, Command};

use super::Service;
use super::output::Output;

/// A running process, the leader of its own group. Dropping it kills the group.
pub(super) struct Process {
    child: Child,
    pid: u32,
    pub(super) started: Instant,
    output: Arc<Output>,
    service: Arc<Service>,
}

impl Process {
    /// Starts `binary` in its own directory, as Lambda does in `/var/task`, so that nothing is found there
    /// by accident that will not be deployed.
    pub(super) fn start(
        binary: &Path,
        function: &str,
        variables: &BTreeMap<String, String>,
        service: &Arc<Service>,
    ) -> io::Result<Self> {
        let (output, writer) = Output::pipe(function, Arc::clone(&service.log))?;
        let mut command = Command::new(binary);
        command
            .env_clear()
            .envs(variables)
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer)
            .process_group(0)
            .kill_on_drop(true);
        if let Some(directory) = binary.parent() {
            command.current_dir(directory);
        }
        let started = Instant::now();
        let child = command.spawn()?;
        let pid = child.id().ok_or(io::ErrorKind::NotFound)?;
        service.guard.add(pid);
        Ok(Self {
            child,
            pid,
            started,
            output,
            service: Arc::clone(service),
        })
    }

    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    /// Stops the whole group.
    pub(super) fn freeze(&self) {
        self.signal(Signal::SIGSTOP);
    }

    /// Whether it is stopped and nothing else: not about to end. Where there is no `/proc` that is taken for
    /// granted.
    pub(super) fn is_frozen(&self) -> bool {
        let Ok(stat) = fs::read_to_string(format!("/proc/{}/stat", self.pid)) else {
            return !Path::new("/proc/self").exists();
        };
        // "123 (name) T ...", where the name may have spaces and brackets.
        stat.rsplit_once(") ")
            .is_some_and(|(_, rest)| rest.starts_with('T'))
    }

    /// Lets it go on.
    pub(super) fn thaw(&self) {
        self.signal(Signal::SIGCONT);
    }

    /// Asks it to end, also when it is frozen.
    pub(super) fn terminate(&self) {
        self.signal(Signal::SIGTERM);
        self.thaw();
    }

    /// Reads all that it has written so far into the log.
    pub(super) fn drain(&self) {
        self.output.drain();
    }

    /// Waits for its end, and says what it was as Lambda does: `exit status 1`, `signal: killed`.
    pub(super) async fn ended(&mut self) -> String {
        let status = self.child.wait().await;
        self.output.drain();
        status.map_or_else(|error| error.to_string(), describe)
    }

    /// Kills the group and waits for its end.
    pub(super) async fn kill(&mut self) {
        self.signal(Signal::SIGKILL);
        self.ended().await;
    }

    /// Signals the group, unless its leader has been waited for: its number may be another's then.
    fn signal(&self, signal: Signal) {
        if let Some(pid) = self.child.id().and_then(|pid| i32::try_from(pid).ok()) {
            let _ = killpg(Pid::from_raw(pid), signal);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.signal(Signal::SIGKILL);
        self.service.guard.remove(self.pid);
    }
}

fn describe(status: ExitStatus) -> String {
    match (status.code(), status.signal().map(Signal::try_from)) {
        (Some(code), _) => format!("exit status {code}"),
        (None, Some(Ok(Signal::SIGKILL))) => "signal: killed".to_owned(),
        (None, Some(Ok(signal))) => format!("signal: {}", signal.as_str()),
        (None, _) => status.to_string(),
    }
}
