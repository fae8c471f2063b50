//! Finding what development needs, and installing it where no question has to be asked: as root on
//! Debian and its derivatives.

pub mod postgresql;

use std::env;
use std::process::{Command, Stdio};

/// Whether packages can be installed without asking.
#[must_use]
pub fn can_install() -> bool {
    let id = Command::new("id").arg("-u").output();
    let is_root = id.is_ok_and(|id| id.stdout == b"0\n");
    let path = env::var_os("PATH").unwrap_or_default();
    is_root && env::split_paths(&path).any(|folder| folder.join("apt-get").is_file())
}

/// Installs packages of Debian, saying so on stderr in cargo's own format.
///
/// # Errors
///
/// When `apt-get` fails: what it says.
pub fn install(packages: &[&str]) -> Result<(), String> {
    step(
        "Installing",
        &format!("{0} with apt-get", packages.join(" ")),
    );
    apt_get(&["update"])?;
    apt_get(&[&["install", "--yes", "--no-install-recommends"], packages].concat())
}

fn apt_get(arguments: &[&str]) -> Result<(), String> {
    let output = Command::new("apt-get")
        .args(["--quiet", "-o", "DPkg::Lock::Timeout=300"])
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let reason = String::from_utf8_lossy(&output.stderr);
    Err(format!(
        "apt-get {}: {}",
        arguments.join(" "),
        reason.trim()
    ))
}

/// Says on stderr what happens next, in cargo's own format.
pub fn step(verb: &str, what: &str) {
    eprintln!("{verb:>12} {what}");
}
