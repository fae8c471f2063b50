//! Creating a cluster.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use super::setup::Setup;

/// The name of the superuser.
pub(super) const SUPERUSER: &str = "postgres";

/// The locale C exists on every system, and sorts by code point. `lower` and `ilike` need to know
/// more characters.
const CTYPE: &str = if cfg!(target_os = "macos") {
    "UTF-8"
} else {
    "C.UTF-8"
};

/// The password of the cluster's roles. The cluster is created if it does not exist.
pub(super) fn password(setup: &Setup) -> Result<String> {
    let file = setup.directory.join("password");
    if setup.data().join("PG_VERSION").is_file() {
        let password = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        return Ok(password.trim_end().to_owned());
    }
    let password = uuid::Uuid::new_v4().simple().to_string();
    let mut open = OpenOptions::new();
    open.write(true).create(true).truncate(true).mode(0o600);
    writeln!(open.open(&file)?, "{password}")?;
    // initdb reads it as that user.
    setup.account.give(&file, 0o600)?;
    // An interrupted run leaves files that look like a cluster, so this is renamed in the end.
    let unfinished = setup.directory.join("data.unfinished");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished)?;
    }
    let output = setup
        .account
        .command(setup.binaries.join("initdb"))
        .arg("--pgdata")
        .arg(&unfinished)
        .arg("--pwfile")
        .arg(&file)
        .args(["--username", SUPERUSER, "--auth", "scram-sha-256"])
        .args(["--encoding", "UTF8", "--locale", "C", "--lc-ctype", CTYPE])
        .args(["--no-sync", "--no-instructions"])
        .current_dir(&setup.directory)
        .stdin(Stdio::null())
        .output()?;
    if !output.status.success() {
        bail!(
            "initdb failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    fs::rename(&unfinished, setup.data())?;
    Ok(password)
}
