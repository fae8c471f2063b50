//! Why there is no cluster.

use std::io;
use std::path::PathBuf;

/// Why a cluster, or a database in it, could not be had.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// PostgreSQL is neither installed nor installable without a question.
    #[error(
        "PostgreSQL is not installed. Install it with:\n  {}",
        install_command()
    )]
    NotInstalled,
    /// Installing PostgreSQL failed.
    #[error("PostgreSQL could not be installed: {0}")]
    Install(String),
    /// We are root, and there is no user that PostgreSQL could run as.
    #[error("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")]
    NoAccount,
    /// The directory of the cluster cannot be used.
    #[error("{}: {source}", directory.display())]
    Directory {
        /// The directory.
        directory: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another process uses the cluster.
    #[error("another `cargo dev` uses the database in {}: stop that one first", directory.display())]
    InUse {
        /// The directory of the cluster.
        directory: PathBuf,
    },
    /// The cluster could not be made.
    #[error("initdb failed: {0}")]
    Initialize(String),
    /// The server does not start.
    #[error("PostgreSQL does not start; its log {} ends with:\n{tail}", log.display())]
    Start {
        /// The log.
        log: PathBuf,
        /// Its last lines.
        tail: String,
    },
    /// No port is free.
    #[error("no port from 20000 to 31999 is free on 127.0.0.1")]
    NoPort,
    /// A statement failed.
    #[error("PostgreSQL: {0}")]
    Sql(#[from] tokio_postgres::Error),
}

fn install_command() -> &'static str {
    if cfg!(target_os = "macos") {
        "brew install postgresql@17"
    } else {
        "sudo apt-get install postgresql"
    }
}
