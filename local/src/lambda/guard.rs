//! Ends the environments when this process is killed (SIGKILL) and cannot do so itself.

use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Mutex;

use super::lock;

/// Keeps a list of process groups, and kills them when its stdin closes. The kernel ends stopped
/// process groups that lose their parent (POSIX `exit`), but not if the first process of a
/// container started us, and not the busy ones.
const SCRIPT: &str = r#"
trap "" HUP INT TERM
groups=
while read -r action group; do
    case $action in
    add) groups="$groups $group" ;;
    remove)
        kept=
        for other in $groups; do [ "$other" = "$group" ] || kept="$kept $other"; done
        groups=$kept
        ;;
    esac
done
for group in $groups; do kill -KILL "-$group"; done 2>/dev/null
"#;

/// A shell that outlives this process for a moment.
pub(super) struct Guard(Mutex<Option<(Child, ChildStdin)>>);

impl Guard {
    pub(super) fn start() -> io::Result<Self> {
        let mut shell = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "environment-guard"])
            .current_dir("/")
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        let stdin = shell.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(Self(Mutex::new(Some((shell, stdin)))))
    }

    /// From now on, the group of `pid` ends with this process.
    pub(super) fn add(&self, pid: u32) {
        self.tell("add", pid);
    }

    /// Forgets a group that has ended.
    pub(super) fn remove(&self, pid: u32) {
        self.tell("remove", pid);
    }

    fn tell(&self, action: &str, pid: u32) {
        if let Some((_, stdin)) = lock(&self.0).as_mut() {
            // Without the guard, this process still ends its environments, unless it is killed.
            let _ = writeln!(stdin, "{action} {pid}");
        }
    }

    /// Ends the guard, and the groups that it still guards.
    pub(super) fn stop(&self) {
        if let Some((mut shell, stdin)) = lock(&self.0).take() {
            drop(stdin);
            let _ = shell.wait();
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.stop();
    }
}
