//! Installing PostgreSQL where nobody has to be asked: as root on Debian and what derives from it.

use std::env;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use super::ClusterError;
use super::binaries::Binaries;

/// Installs Debian's package, and says so on stderr.
pub(super) fn install() -> Result<(), ClusterError> {
    if !nix::unistd::geteuid().is_root() || !on_path("apt-get") {
        return Err(ClusterError::NotInstalled);
    }
    // Test processes that start together would get into each other's way: apt waits for dpkg's lock,
    // not for that of its package lists.
    let lock = File::create(env::temp_dir().join("todo-postgres-install.lock"))
        .map_err(|error| failed(&error))?;
    lock.lock().map_err(|error| failed(&error))?;
    if Binaries::find(None).is_some() {
        return Ok(());
    }
    eprintln!(
        "PostgreSQL is not installed: installing Debian's package (apt-get install postgresql) ..."
    );
    without_main_cluster().map_err(|error| failed(&error))?;
    apt_get(&["update"])?;
    apt_get(&["install", "--yes", "--no-install-recommends", "postgresql"])
}

/// Debian's package would make a cluster of its own and start it at every boot.
fn without_main_cluster() -> io::Result<()> {
    let directory = Path::new("/etc/postgresql-common/createcluster.d");
    fs::create_dir_all(directory)?;
    fs::write(
        directory.join("no-main-cluster.conf"),
        "create_main_cluster = false\n",
    )
}

fn apt_get(arguments: &[&str]) -> Result<(), ClusterError> {
    let output = Command::new("apt-get")
        .args(["--quiet", "-o", "DPkg::Lock::Timeout=300"])
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| failed(&error))?;
    if output.status.success() {
        return Ok(());
    }
    let reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(ClusterError::Install(format!(
        "apt-get {}: {reason}",
        arguments.join(" ")
    )))
}

fn failed(error: &io::Error) -> ClusterError {
    ClusterError::Install(error.to_string())
}

fn on_path(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|directory| directory.join(program).is_file())
}
