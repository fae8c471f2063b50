//! Making a cluster.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{Account, Binaries, ClusterError, ClusterOptions, Layout, ServerOptions};

/// The name of the superuser.
pub(super) const SUPERUSER: &str = "postgres";
/// How many lines of the log an error shows.
const LOG_TAIL: usize = 8;

/// Finds PostgreSQL and a directory that its user gets to.
pub(super) async fn prepare(
    options: &ClusterOptions,
) -> Result<(Layout, ServerOptions), ClusterError> {
    let options = options.clone();
    blocking(move || {
        let failed = |source| ClusterError::Directory {
            directory: options.directory.clone(),
            source,
        };
        let wanted = std::path::absolute(&options.directory).map_err(failed)?;
        // Installing makes the user `postgres`, so it comes before choosing an account.
        let version = |layout: &Layout| fs::read_to_string(layout.data().join("PG_VERSION")).ok();
        let mut layout = Layout {
            directory: wanted.clone(),
        };
        let mut binaries = Binaries::find_or_install(version(&layout).as_deref().map(str::trim))?;
        let account = Account::choose()?;
        layout.directory = account
            .within_reach(&wanted, !options.temporary)
            .map_err(failed)?;
        account.own(&layout.directory)?;
        if layout.directory != wanted {
            binaries = Binaries::find_or_install(version(&layout).as_deref().map(str::trim))?;
        }
        let (durable, temporary) = (options.durable, options.temporary);
        Ok((
            layout,
            ServerOptions {
                binaries,
                account,
                durable,
                temporary,
            },
        ))
    })
    .await
}

/// Makes the cluster if there is none. Gives the password of its roles.
pub(super) async fn initialize(
    layout: &Layout,
    options: &ServerOptions,
) -> Result<String, ClusterError> {
    let (layout, options) = (layout.clone(), options.clone());
    blocking(move || {
        // Whatever is in it is of a former time.
        let _ = fs::remove_file(layout.log());
        if layout.data().join("PG_VERSION").is_file() {
            let password =
                fs::read_to_string(layout.password()).map_err(|source| layout.failed(source))?;
            return Ok(password.trim_end().to_owned());
        }
        let password = format!("{}", uuid::Uuid::new_v4().simple());
        store(&password, &layout, options.account).map_err(|source| layout.failed(source))?;
        initdb(&layout, &options)?;
        Ok(password)
    })
    .await
}

fn store(password: &str, layout: &Layout, account: Account) -> io::Result<()> {
    let file = layout.password();
    let mut open = OpenOptions::new();
    open.write(true).create(true).truncate(true).mode(0o600);
    writeln!(open.open(&file)?, "{password}")?;
    // initdb, which reads it, runs as that user.
    account.give(&file, 0o600)
}

/// Runs `initdb` on a directory that gets its name when all is done: an interrupted one leaves files that
/// look like a cluster.
fn initdb(layout: &Layout, options: &ServerOptions) -> Result<(), ClusterError> {
    let unfinished = layout.directory.join("data.unfinished");
    let ctype = if cfg!(target_os = "macos") {
        "UTF-8"
    } else {
        "C.UTF-8"
    };
    run_initdb(&unfinished, &["--lc-ctype", ctype], layout, options)
        // Only the classes of characters beyond ASCII (`lower`, `ilike`) depend on it.
        .or_else(|_| run_initdb(&unfinished, &[], layout, options))?;
    fs::rename(&unfinished, layout.data()).map_err(|source| layout.failed(source))
}

fn run_initdb(
    data: &Path,
    extra: &[&str],
    layout: &Layout,
    options: &ServerOptions,
) -> Result<(), ClusterError> {
    if data.exists() {
        fs::remove_dir_all(data).map_err(|source| layout.failed(source))?;
    }
    let mut command = Command::new(options.binaries.initdb());
    command
        .arg("--pgdata")
        .arg(data)
        .arg("--pwfile")
        .arg(layout.password())
        // Locale C is on every system, and sorts in the order of code points.
        .args([
            "--username",
            SUPERUSER,
            "--auth",
            "scram-sha-256",
            "--encoding",
            "UTF8",
            "--locale",
            "C",
        ])
        .args(["--no-sync", "--no-instructions"])
        .args(extra)
        .current_dir(&layout.directory)
        .stdin(Stdio::null());
    let output = options
        .account
        .run(&mut command)
        .output()
        .map_err(|source| layout.failed(source))?;
    if output.status.success() {
        return Ok(());
    }
    Err(ClusterError::Initialize(
        String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    ))
}

/// The error for a server that does not start: what it says itself, else why it cannot be reached.
pub(super) fn start_error(layout: &Layout, error: &tokio_postgres::Error) -> ClusterError {
    let log = fs::read_to_string(layout.log()).unwrap_or_default();
    let lines: Vec<&str> = log.lines().collect();
    let tail = lines[lines.len().saturating_sub(LOG_TAIL)..].join("\n");
    ClusterError::Start {
        log: layout.log(),
        tail: if tail.is_empty() {
            error.to_string()
        } else {
            tail
        },
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ClusterError> + Send + 'static,
) -> Result<T, ClusterError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(ClusterError::Initialize(error.to_string())))
}
