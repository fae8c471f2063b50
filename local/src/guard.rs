//! Ends processes when this process is killed (SIGKILL) and cannot do so itself.

use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use parking_lot::Mutex;

/// The kernel ends stopped process groups that lose their parent (POSIX `exit`), but not if the
/// first process of a container started us, and not the busy ones.
const SCRIPT: &str = include_str!("guard.sh");

/// A shell that outlives this process for a moment.
#[derive(Debug)]
pub(crate) struct Guard(Mutex<Child>);

impl Guard {
    /// Starts a guard that sends `signal`, and in the end removes a directory, if there is one.
    pub(crate) fn start(signal: &str, directory: Option<&Path>) -> io::Result<Self> {
        let shell = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "process-guard", signal])
            .args(directory)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        Ok(Self(Mutex::new(shell)))
    }

    /// From now on, a process ends with this one; if it is negative, a process group.
    pub(crate) fn add(&self, pid: i32) {
        self.send("add", pid);
    }

    /// Forgets a process that has ended.
    pub(crate) fn remove(&self, pid: i32) {
        self.send("remove", pid);
    }

    fn send(&self, action: &str, pid: i32) {
        if let Some(stdin) = &mut self.0.lock().stdin {
            // Without the guard, this process still ends the others, unless it is killed.
            let _ = writeln!(stdin, "{action} {pid}");
        }
    }

    /// Ends the processes that it still guards, and waits until it has signalled them.
    pub(crate) fn stop(&self) {
        // This closes its stdin.
        let _ = self.0.lock().wait();
    }

    /// Ends the processes that it still guards, in the background.
    pub(crate) fn release(&self) {
        drop(self.0.lock().stdin.take());
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.stop();
    }
}
