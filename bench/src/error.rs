//! Reasons why a measurement stops.

use std::io;

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    /// A file, a process or a socket.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The private PostgreSQL.
    #[error(transparent)]
    Cluster(#[from] local::postgres::ClusterError),
    /// A statement.
    #[error("PostgreSQL: {0}")]
    Postgres(#[from] tokio_postgres::Error),
    /// A connection.
    #[error(transparent)]
    Connect(#[from] shared::Error),
    /// The schema.
    #[error(transparent)]
    Migrate(#[from] migrations::Error),
    /// template.yaml.
    #[error(transparent)]
    Template(#[from] local::template::TemplateError),
    /// A token.
    #[error(transparent)]
    Token(#[from] local::token::TokenError),
    /// The tests' certificate.
    #[error("TLS: {0}")]
    Certificate(#[from] tokio_rustls::rustls::pki_types::pem::Error),
    /// TLS in front of PostgreSQL.
    #[error("TLS: {0}")]
    Tls(#[from] tokio_rustls::rustls::Error),
    /// An HTTP request.
    #[error(transparent)]
    Request(#[from] axum::http::Error),
    /// The transport of an HTTP request.
    #[error("FastAPI: {0}")]
    Http(#[from] hyper_util::client::legacy::Error),
    /// A body that breaks off.
    #[error("FastAPI: {0}")]
    Body(#[from] axum::Error),
    /// A number that is too large.
    #[error(transparent)]
    Number(#[from] std::num::TryFromIntError),
    /// An archive.
    #[error(transparent)]
    Zip(#[from] zip::result::ZipError),
    /// JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// An answer that is not a success, or a figure that is missing.
    #[error("{0}")]
    Unexpected(String),
}
