//! Installing PostgreSQL where no question has to be asked: as root on Debian and its derivatives.

use std::env;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::binaries::find;

const HOW_TO_INSTALL: &str = if cfg!(target_os = "macos") {
    "PostgreSQL is not installed. Install it with:\n  brew install postgresql@17"
} else {
    "PostgreSQL is not installed. Install it with:\n  sudo apt-get install postgresql"
};

/// The directory of PostgreSQL's programs, of the major version `version` if possible. Installs
/// Debian's package if necessary; it says so on stderr.
pub(super) fn find_or_install(version: Option<&str>) -> Result<PathBuf> {
    if let Some(found) = find(version) {
        return Ok(found);
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let has_apt_get = env::split_paths(&path).any(|folder| folder.join("apt-get").is_file());
    if !nix::unistd::geteuid().is_root() || !has_apt_get {
        bail!(HOW_TO_INSTALL);
    }
    install().context("PostgreSQL cannot be installed")?;
    find(version).context(HOW_TO_INSTALL)
}

fn install() -> Result<()> {
    // Test processes that start together would disturb each other: apt waits for dpkg's lock, but
    // not for that of its package lists.
    let lock = File::create(env::temp_dir().join("todo-postgres-install.lock"))?;
    lock.lock()?;
    if find(None).is_some() {
        return Ok(());
    }
    eprintln!("  Installing PostgreSQL (apt-get install postgresql)");
    without_main_cluster()?;
    apt_get(&["update"])?;
    apt_get(&["install", "--yes", "--no-install-recommends", "postgresql"])
}

/// Otherwise Debian's package would create its own cluster and start it at every boot.
fn without_main_cluster() -> io::Result<()> {
    let directory = Path::new("/etc/postgresql-common/createcluster.d");
    fs::create_dir_all(directory)?;
    fs::write(
        directory.join("no-main-cluster.conf"),
        "create_main_cluster = false\n",
    )
}

fn apt_get(arguments: &[&str]) -> Result<()> {
    let output = Command::new("apt-get")
        .args(["--quiet", "-o", "DPkg::Lock::Timeout=300"])
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .output()?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        bail!("apt-get {}: {}", arguments.join(" "), reason.trim());
    }
    Ok(())
}
