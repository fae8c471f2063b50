//! Requests that the functions themselves make, over the TLS that the database connection has as well
//! (OpenSSL): no second TLS library in the binaries.

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

use crate::tls::{SetupError, Tls};

/// The most bytes of an answer: a set of a hundred keys, or ten parameters, have a tenth of that.
const MAX_BYTES: usize = 512 * 1024;

/// A client for `https` and `http`. Certificates are verified; there is no time limit. Cloning is cheap.
#[derive(Clone, Debug)]
pub(crate) struct HttpsClient(Arc<OnceCell<Inner>>);

type Inner = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// Why a request got no answer, or not all of it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RequestError {
    /// No TLS.
    #[error(transparent)]
    Tls(#[from] SetupError),
    /// No connection, or none that lasted until the answer.
    #[error(transparent)]
    Send(#[from] hyper_util::client::legacy::Error),
    /// The answer broke off, or has more than 512 KiB.
    #[error("the answer cannot be read: {0}")]
    Body(Box<dyn Error + Send + Sync>),
}

impl HttpsClient {
    /// A client without any connection yet.
    pub(crate) fn new() -> Self {
        // So that it is made when it is needed.
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

    /// Sends a request and reads the whole answer, whatever its status.
    pub(crate) async fn send(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Bytes>, RequestError> {
        let (parts, body) = self.client().await?.request(request).await?.into_parts();
        let body = Limited::new(body, MAX_BYTES)
            .collect()
            .await
            .map_err(RequestError::Body)?;
        Ok(Response::from_parts(parts, body.to_bytes()))
    }
}
