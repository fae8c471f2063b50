//! Creating a cluster.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::setup::Setup;

/// The name of the superuser.
pub(super) const SUPERUSER: &str = "postgres";

/// The password of the cluster's roles. The cluster is created if it does not exist.
pub(super) fn password(setup: &Setup) -> Result<String> {
    // Its lines are from an earlier run.
    let _ = fs::remove_file(setup.log());
    let file = setup.password_file();
    if setup.data().join("PG_VERSION").is_file() {
        let password = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        return Ok(password.trim_end().to_owned());
    }
    let password = uuid::Uuid::new_v4().simple().to_string();
    store(&password, setup).with_context(|| file.display().to_string())?;
    initdb(setup)?;
    Ok(password)
}

fn store(password: &str, setup: &Setup) -> io::Result<()> {
    let file = setup.password_file();
    let mut open = OpenOptions::new();
    open.write(true).create(true).truncate(true).mode(0o600);
    writeln!(open.open(&file)?, "{password}")?;
    // initdb reads it as that user.
    setup.account.give(&file, 0o600)
}

/// Runs `initdb` on a directory that is renamed when everything is done: an interrupted run leaves
/// files that look like a cluster.
fn initdb(setup: &Setup) -> Result<()> {
    let unfinished = setup.directory.join("data.unfinished");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished)?;
    }
    // The locale C exists on every system, and sorts by code point. `lower` and `ilike` need to
    // know more characters.
    let ctype = if cfg!(target_os = "macos") {
        "UTF-8"
    } else {
        "C.UTF-8"
    };
    let mut command = Command::new(setup.binaries.join("initdb"));
    command
        .arg("--pgdata")
        .arg(&unfinished)
        .arg("--pwfile")
        .arg(setup.password_file())
        .args(["--username", SUPERUSER, "--auth", "scram-sha-256"])
        .args(["--encoding", "UTF8", "--locale", "C", "--lc-ctype", ctype])
        .args(["--no-sync", "--no-instructions"])
        .current_dir(&setup.directory)
        .stdin(Stdio::null());
    let output = setup.account.run(&mut command).output()?;
    if !output.status.success() {
        bail!(
            "initdb failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(fs::rename(&unfinished, setup.data())?)
}
