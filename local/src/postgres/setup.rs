//! Where a cluster and its programs are, and who it belongs to.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;

use super::ClusterOptions;
use super::account::Account;
use super::install::find_or_install;

/// How long a former server on the same directory may take to end.
const FORMER_LIMIT: Duration = Duration::from_secs(5);
const FORMER_POLL: Duration = Duration::from_millis(20);
/// How many lines of the log an error shows.
const LOG_TAIL: usize = 8;

#[derive(Clone, Debug)]
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
        let wanted = std::path::absolute(&options.directory)?;
        // Installing creates the user `postgres`, so it comes before choosing an account.
        let binaries = find_or_install(version(&wanted).as_deref())?;
        let account = Account::choose()?;
        let directory = account
            .within_reach(&wanted, !options.temporary)
            .and_then(|directory| account.own(&directory).map(|()| directory))
            .with_context(|| wanted.display().to_string())?;
        let binaries = match version(&directory) {
            Some(version) if directory != wanted => find_or_install(Some(&version))?,
            _ => binaries,
        };
        Ok(Self {
            directory,
            binaries,
            account,
            durable: options.durable,
        })
    }

    pub(super) fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.directory.join("postgresql.log")
    }

    pub(super) fn password_file(&self) -> PathBuf {
        self.directory.join("password")
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
        let random = (0..100).filter_map(|_| {
            let random = uuid::Uuid::new_v4().as_u128() % 12_000;
            u16::try_from(20_000 + random).ok()
        });
        former
            .into_iter()
            .chain(random)
            .find(|port| is_free(*port))
            .context("no port from 20000 to 31999 is free on 127.0.0.1")
    }

    /// Waits for a server that still runs on the directory: it may be shutting down.
    pub(super) fn wait_for_former_server(&self) -> Result<()> {
        let deadline = Instant::now() + FORMER_LIMIT;
        while self.former_server_runs() {
            if Instant::now() > deadline {
                let directory = self.directory.display();
                bail!("another `cargo dev` uses the database in {directory}: stop that one first");
            }
            thread::sleep(FORMER_POLL);
        }
        Ok(())
    }

    /// Whether the process in `postmaster.pid` is a server: its pid may belong to another process
    /// by now.
    fn former_server_runs(&self) -> bool {
        let pid_file = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        let lines: Vec<&str> = pid_file.lines().map(str::trim).collect();
        let number = |line: usize| lines.get(line).and_then(|line| line.parse::<i32>().ok());
        let Some(pid) = number(0).filter(|pid| *pid > 0) else {
            return false;
        };
        let is_alive = kill(Pid::from_raw(pid), None) != Err(Errno::ESRCH);
        let port = number(3).and_then(|port| u16::try_from(port).ok());
        is_alive && port.is_none_or(|port| !is_free(port))
    }
}

/// The major version that the cluster in `directory` belongs to, if there is one.
fn version(directory: &Path) -> Option<String> {
    let version = fs::read_to_string(directory.join("data/PG_VERSION")).ok()?;
    Some(version.trim().to_owned())
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}
