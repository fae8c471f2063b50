//! The process of an execution environment, and its output.

use std::io::{self, LineWriter, PipeReader, PipeWriter, Read, Write};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Instant;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use parking_lot::Mutex;
use tokio::net::unix::pipe::Receiver;
use tokio::process::{Child, Command};

use super::fleet::Fleet;

/// The longest line, in bytes; the rest is the next line. This is Lambda's own limit for a log
/// event.
const LINE_LIMIT: usize = 256 * 1024;

/// A running process, the leader of its own process group. Dropping it kills the group.
pub(super) struct FunctionProcess {
    child: Child,
    pub(super) pid: u32,
    pub(super) started: Instant,
    pub(super) output: Arc<Output>,
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

    /// Waits for its end, and describes it as Lambda does: `exit status 1`.
    pub(super) async fn ended(&mut self) -> String {
        let status = self.child.wait().await;
        self.output.drain();
        let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
        // The standard library says `exit status: 1`.
        status.replace("status: ", "status ")
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

/// The reading end of a pipe.
///
/// A task reads when there is something to read. [`Output::drain`] reads at once, so that
/// everything that a function has written is in the log before its caller gets the response.
pub(super) struct Output {
    /// Knows when there is something to read.
    receiver: Receiver,
    /// The same pipe: Tokio's end reads only after it has been notified.
    pipe: PipeReader,
    log: Mutex<LineWriter<FleetLog>>,
}

/// Writes lines to the log of a function.
struct FleetLog(Arc<Fleet>);

impl Output {
    /// A pipe; the writing end is for the process.
    pub(super) fn pipe(fleet: &Arc<Fleet>) -> io::Result<(Arc<Self>, PipeWriter)> {
        let (pipe, writer) = io::pipe()?;
        // This sets O_NONBLOCK for both reading ends.
        let receiver = Receiver::from_owned_fd(pipe.try_clone()?.into())?;
        let log = LineWriter::with_capacity(LINE_LIMIT, FleetLog(Arc::clone(fleet)));
        let log = Mutex::new(log);
        let output = Arc::new(Self {
            receiver,
            pipe,
            log,
        });
        tokio::spawn(Arc::clone(&output).follow());
        Ok((output, writer))
    }

    async fn follow(self: Arc<Self>) {
        while self.receiver.readable().await.is_ok() && self.log(Notified(&self.receiver)) {}
    }

    /// Logs everything that has been written so far.
    pub(super) fn drain(&self) {
        self.log(&self.pipe);
    }

    /// Logs what can be read. False at the end of the pipe.
    fn log(&self, mut pipe: impl Read) -> bool {
        let mut log = self.log.lock();
        match io::copy(&mut pipe, &mut *log) {
            Ok(_) => log.flush().is_err(),
            Err(error) => error.kind() == io::ErrorKind::WouldBlock,
        }
    }
}

/// Tokio's end of the pipe. Reading waits for its next notification when there is no more.
struct Notified<'a>(&'a Receiver);

impl Read for Notified<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.try_read(buffer)
    }
}

impl Write for FleetLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for line in String::from_utf8_lossy(bytes).lines() {
            self.0.log(line.to_owned());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
