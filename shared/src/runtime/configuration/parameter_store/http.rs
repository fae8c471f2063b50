//! Our HTTP client for the SDK, instead of its own with rustls.

use aws_sdk_ssm::config::http::{HttpRequest, HttpResponse};
use aws_sdk_ssm::config::{HttpClient, RuntimeComponents};
use aws_sdk_ssm::error::ConnectorError;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use axum::body::Bytes;
use http_body_util::Full;

use crate::net::HttpsClient;

/// Ignores the timeouts in [`HttpConnectorSettings`]: the time limit of an attempt includes
/// connecting.
#[derive(Clone, Debug)]
pub(super) struct SdkHttp(pub(super) HttpsClient);

impl HttpClient for SdkHttp {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for SdkHttp {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.0.clone();
        HttpConnectorFuture::new(async move { send(&client, request).await })
    }
}

async fn send(client: &HttpsClient, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let (parts, body) = request
        .try_into_http1x()
        .map_err(|error| ConnectorError::user(error.into()))?
        .into_parts();
    let body = body
        .bytes()
        .ok_or_else(|| ConnectorError::user("the body is streamed".into()))?;
    let request = axum::http::Request::from_parts(parts, Full::from(Bytes::copy_from_slice(body)));
    let response = client
        .send(request)
        .await
        .map_err(|error| ConnectorError::io(error.into()))?;
    response
        .map(Into::into)
        .try_into()
        .map_err(|error| ConnectorError::other(Box::new(error), None))
}
