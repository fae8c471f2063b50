//! What stops a measurement.

use std::io;

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    /// A file, a process or a socket.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The private PostgreSQL, template.yaml or a token.
    #[error(transparent)]
    Local(#[from] anyhow::Error),
    /// A statement of ours.
    #[error("PostgreSQL: {0}")]
    Postgres(#[from] tokio_postgres::Error),
    /// A connection of ours.
    #[error(transparent)]
    Connect(#[from] shared::Error),
    /// The schema.
    #[error(transparent)]
    Migrate(#[from] migrations::Error),
    /// The certificate of the tests.
    #[error("TLS: {0}")]
    Certificate(#[from] tokio_rustls::rustls::pki_types::pem::Error),
    /// TLS in front of PostgreSQL.
    #[error("TLS: {0}")]
    Tls(#[from] tokio_rustls::rustls::Error),
    /// A request by HTTP.
    #[error(transparent)]
    Request(#[from] axum::http::Error),
    /// The same, on its way.
    #[error("FastAPI: {0}")]
    Http(#[from] hyper_util::client::legacy::Error),
    /// An answer that breaks off.
    #[error("FastAPI: {0}")]
    Answer(#[from] axum::Error),
    /// A number that is too large.
    #[error(transparent)]
    Number(#[from] std::num::TryFromIntError),
    /// An archive.
    #[error(transparent)]
    Zip(#[from] zip::result::ZipError),
    /// JSON of ours.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// An answer that is no success, or a figure that is not there.
    #[error("{0}")]
    Unexpected(String),
}
