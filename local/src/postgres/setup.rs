//! Where a cluster and its programs are, who it belongs to, and creating it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::iter::repeat_with;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Error, Result, ensure};
use dev::postgresql::find_or_install;

use super::ClusterOptions;
use super::account::Account;

/// The locale C exists on every system, and sorts by code point. `lower` and `ilike` need to know
/// more characters.
const CTYPE: &str = if cfg!(target_os = "macos") {
    "UTF-8"
} else {
    "C.UTF-8"
};

/// The name of the superuser.
pub(super) const SUPERUSER: &str = "postgres";

/// How long a former server on the same directory may take to end.
const FORMER_LIMIT: Duration = Duration::from_secs(5);
const FORMER_POLL: Duration = Duration::from_millis(20);
/// How many lines of the log an error shows.
const LOG_TAIL: usize = 8;

#[derive(Debug)]
pub(super) struct Setup {
    pub(super) directory: PathBuf,
    /// The directory of PostgreSQL's programs.
    pub(super) binaries: PathBuf,
    pub(super) account: Account,
    pub(super) durable: bool,
}

impl Setup {
    /// Finds PostgreSQL, installing it if necessary, and a directory that its user can reach.
    pub(super) fn find(options: &ClusterOptions) -> Result<Self> {
        // Installing creates the user `postgres`, so it comes before choosing an account.
        let binaries = find_or_install().map_err(Error::msg)?;
        let account = Account::choose()?;
        let wanted = std::path::absolute(&options.directory)?;
        let directory = account.directory(&wanted, !options.temporary);
        Ok(Self {
            directory: directory.with_context(|| wanted.display().to_string())?,
            binaries,
            account,
            durable: options.durable,
        })
    }

    pub(super) fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    fn log(&self) -> PathBuf {
        self.directory.join("postgresql.log")
    }

    /// An empty log for a server. The server inherits the lock on it (flock(2)). Until it has ended, no
    /// second server can start, even if this process is killed.
    pub(super) fn locked_log(&self) -> Result<File> {
        let open = File::options().create(true).append(true).open(self.log());
        let log = open.with_context(|| self.log().display().to_string())?;
        let deadline = Instant::now() + FORMER_LIMIT;
        // A former server may be shutting down.
        while let Err(error) = log.try_lock() {
            let directory = self.directory.display();
            ensure!(
                matches!(error, TryLockError::WouldBlock),
                "{directory}: {error}"
            );
            let reason = "another `cargo dev` uses the database in";
            ensure!(
                Instant::now() < deadline,
                "{reason} {directory}: stop that one first"
            );
            thread::sleep(FORMER_POLL);
        }
        log.set_len(0)?;
        Ok(log)
    }

    /// The last lines of the log, for an error.
    pub(super) fn end_of_log(&self) -> String {
        let log = fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let tail = lines[lines.len().saturating_sub(LOG_TAIL)..].join("\n");
        format!("Its log {} ends with:\n{tail}", self.log().display())
    }

    /// The port that the cluster had last, so that its former addresses stay valid; else a free
    /// one.
    pub(super) fn port(&self) -> Result<u16> {
        // The command line of the last start.
        let options = fs::read_to_string(self.data().join("postmaster.opts")).unwrap_or_default();
        let mut words = options.split('"');
        let former = words.find_map(|word| word.strip_prefix("port=")?.parse().ok());
        // Below the ports of outgoing connections (from 32768 on Linux), so that it is still free
        // after a restart.
        let random = repeat_with(|| fastrand::u16(20_000..32_000)).take(100);
        let mut ports = former.into_iter().chain(random);
        ports
            .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
            .context("no port from 20000 to 31999 is free on 127.0.0.1")
    }

    /// The password of the cluster's roles. The cluster is created if it does not exist.
    pub(super) fn password(&self) -> Result<String> {
        let file = self.directory.join("password");
        if self.data().join("PG_VERSION").is_file() {
            let password = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
            return Ok(password.trim_end().to_owned());
        }
        let password = uuid::Uuid::new_v4().simple().to_string();
        let mut open = OpenOptions::new();
        open.write(true).create(true).truncate(true).mode(0o600);
        writeln!(open.open(&file)?, "{password}")?;
        // initdb reads it as that user.
        self.account.give(&file, 0o600)?;
        // An interrupted run leaves files that look like a cluster, so this is renamed in the end.
        let unfinished = self.directory.join("data.unfinished");
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished)?;
        }
        let output = self
            .account
            .command(self.binaries.join("initdb"))
            .arg("--pgdata")
            .arg(&unfinished)
            .arg("--pwfile")
            .arg(&file)
            .args(["--username", SUPERUSER, "--auth", "scram-sha-256"])
            .args(["--encoding", "UTF8", "--locale", "C", "--lc-ctype", CTYPE])
            .args(["--no-sync", "--no-instructions"])
            .current_dir(&self.directory)
            .stdin(Stdio::null())
            .output()?;
        let reason = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "initdb failed: {}", reason.trim());
        fs::rename(&unfinished, self.data())?;
        Ok(password)
    }
}
