//! TLS (OpenSSL), with the certificates that the system trusts.
//!
//! Reading the roughly 140 certificates takes OpenSSL some milliseconds of a cold start
//! (docs/performance.md). The process reads them once, on a separate thread, while connections are
//! being opened.

use std::sync::LazyLock;
use std::thread;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use native_tls::TlsConnector;
use postgres_native_tls::{TlsStream, set_postgresql_alpn};
use tokio::sync::oneshot;
use tokio_postgres::Socket;
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};

/// A connector that may still be under construction. Cloning it is cheap.
#[derive(Clone, Debug)]
pub(crate) struct Tls(Shared<BoxFuture<'static, Result<TlsConnector, SetupError>>>);

/// Why there is no connector, in OpenSSL's words.
#[derive(Clone, Debug, thiserror::Error)]
#[error("TLS cannot be set up: {0}")]
pub(crate) struct SetupError(String);

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    /// There is no connector.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The server's certificate is not valid for its name, or the server does not speak TLS.
    #[error(transparent)]
    Handshake(#[from] native_tls::Error),
}

/// What remains to be done once a host has accepted a connection.
pub(crate) struct Handshake {
    tls: Tls,
    host: String,
}

impl Tls {
    /// The connector for everything except [`Tls::direct`].
    pub(crate) fn shared() -> Self {
        static SHARED: LazyLock<Tls> = LazyLock::new(|| Tls::begin(false));
        SHARED.clone()
    }

    /// For `sslnegotiation=direct` (PostgreSQL 17), where the server requires ALPN.
    pub(crate) fn direct() -> Self {
        Self::begin(true)
    }

    /// Waits until the connector is ready.
    pub(crate) async fn connector(self) -> Result<TlsConnector, SetupError> {
        self.0.await
    }

    fn begin(has_alpn: bool) -> Self {
        let (sender, receiver) = oneshot::channel();
        thread::spawn(move || {
            let mut builder = TlsConnector::builder();
            if has_alpn {
                set_postgresql_alpn(&mut builder);
            }
            // The receiver may be gone already.
            let _ = sender.send(
                builder
                    .build()
                    .map_err(|error| SetupError(error.to_string())),
            );
        });
        let made = receiver
            .map(|made| made.unwrap_or_else(|_| Err(SetupError("its thread has ended".into()))));
        Self(made.boxed().shared())
    }
}

impl MakeTlsConnect<Socket> for Tls {
    type Stream = TlsStream<Socket>;
    type TlsConnect = Handshake;
    type Error = SetupError;

    fn make_tls_connect(&mut self, host: &str) -> Result<Handshake, SetupError> {
        Ok(Handshake {
            tls: self.clone(),
            host: host.to_owned(),
        })
    }
}

impl TlsConnect<Socket> for Handshake {
    type Stream = TlsStream<Socket>;
    type Error = TlsError;
    type Future = BoxFuture<'static, Result<TlsStream<Socket>, TlsError>>;

    fn connect(self, socket: Socket) -> Self::Future {
        Box::pin(async move {
            let connector = self.tls.connector().await?;
            Ok(
                postgres_native_tls::TlsConnector::new(connector, &self.host)
                    .connect(socket)
                    .await?,
            )
        })
    }
}
