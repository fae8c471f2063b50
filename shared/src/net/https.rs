//! The HTTPS client for the functions' own requests. It uses the TLS library of the database
//! connection (OpenSSL), so that the binaries need no second one.

use std::error::Error;
use std::sync::Arc;

use axum::body::Bytes;
use axum::http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use hyper_tls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::sync::OnceCell;

use super::tls::{SetupError, Tls};

/// The largest body that is read, in bytes. A set of a hundred keys, or a page of ten parameters,
/// takes a tenth of that.
const MAX_BYTES: usize = 512 * 1024;

/// A client for `https` and `http`. It verifies certificates and has no time limit of its own.
/// Cloning it is cheap.
#[derive(Clone, Debug)]
pub(crate) struct HttpsClient(Arc<OnceCell<Inner>>);

type Inner = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// Why a request got no response, or only a part of one.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RequestError {
    /// TLS could not be set up.
    #[error(transparent)]
    Tls(#[from] SetupError),
    /// The connection failed, or ended before the response.
    #[error(transparent)]
    Send(#[from] hyper_util::client::legacy::Error),
    /// The body broke off, or is larger than 512 KiB.
    #[error("the response cannot be read")]
    Body(#[source] Box<dyn Error + Send + Sync>),
}

impl HttpsClient {
    /// A client without a connection.
    pub(crate) fn new() -> Self {
        // Starts to read the certificates, so that they are ready when the first request needs
        // them.
        Tls::shared();
        Self(Arc::default())
    }

    async fn client(&self) -> Result<&Inner, SetupError> {
        let client = async || {
            let mut http = HttpConnector::new();
            http.enforce_http(false);
            let https = HttpsConnector::from((http, Tls::shared().connector().await?.into()));
            Ok(Client::builder(TokioExecutor::new()).build(https))
        };
        self.0.get_or_try_init(client).await
    }

    /// Sends a request and reads the whole response, whatever its status.
    pub(crate) async fn send(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Bytes>, RequestError> {
        let (parts, body) = self.client().await?.request(request).await?.into_parts();
        let body = Limited::new(body, MAX_BYTES).collect().await;
        let body = body.map_err(RequestError::Body)?.to_bytes();
        Ok(Response::from_parts(parts, body))
    }
}
