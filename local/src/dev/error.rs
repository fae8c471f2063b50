//! Why `cargo dev` does not run.

use std::io;
use std::path::PathBuf;

use local::postgres::ClusterError;
use local::template::TemplateError;
use local::token::TokenError;

/// Why `cargo dev` does not run, and where it can be told, what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DevError {
    /// Another program listens on the port.
    #[error(
        "port {port} is taken on 127.0.0.1: choose another one with `cargo dev --port {other}`"
    )]
    PortTaken {
        /// The port asked for.
        port: u16,
        /// One to try.
        other: u16,
    },
    /// `template.yaml` is nowhere to be found.
    #[error("there is no template.yaml here: run this in the folder of the project")]
    NoWorkspace,
    /// A file under `.local` cannot be used.
    #[error("{}: {source}", path.display())]
    Private {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// `cargo build` failed; it has said why.
    #[error("the functions cannot be built")]
    Build,
    /// `cargo` cannot be run.
    #[error("cargo cannot be run: {0}")]
    Cargo(io::Error),
    /// The private database.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// An address of a database is wrong.
    #[error("{name} is no address of a database: {source}")]
    DatabaseUrl {
        /// The variable.
        name: &'static str,
        /// Why.
        source: tokio_postgres::Error,
    },
    /// The functions' configuration.
    #[error(transparent)]
    Config(#[from] shared::runtime::ConfigError),
    /// The migrations.
    #[error("the migrations cannot be applied: {0}")]
    Migrate(#[from] migrations::Error),
    /// `template.yaml`.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// A token cannot be signed.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The server cannot start.
    #[error("it cannot serve: {0}")]
    Serve(io::Error),
    /// The process lacks what every program needs.
    #[error("it cannot start: {0}")]
    Runtime(io::Error),
}
