//! JSON bodies, of requests and of answers.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, OptionalFromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::{Fields, FromFields, Value};
use crate::Error;

/// The most bytes that a body with a task may have: a task at its limits, every character written as a JSON escape
/// (12 bytes), has about 120 KiB.
pub(super) const MAX_BYTES: usize = 256 * 1024;

/// A JSON body. In a request it must be an object whose every field is right; as an answer it is 200.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: FromFields> FromRequest<S> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        let (parts, body) = request.into_parts();
        parse(&parts.headers, &read(body, T::MAX_BYTES).await?).map(Self)
    }
}

impl<S: Send + Sync, T: FromFields> OptionalFromRequest<S> for Json<T> {
    type Rejection = Error;

    /// `None` when there is no body at all.
    async fn from_request(request: Request, _: &S) -> Result<Option<Self>, Error> {
        let (parts, body) = request.into_parts();
        let body = read(body, T::MAX_BYTES).await?;
        if body.is_empty() {
            Ok(None)
        } else {
            parse(&parts.headers, &body).map(Self).map(Some)
        }
    }
}

/// Lambda has received the body already: reading it fails only by its length.
async fn read(body: Body, limit: usize) -> Result<Bytes, Error> {
    to_bytes(body, limit)
        .await
        .map_err(|_| Error::TooLarge { limit })
}

fn parse<T: FromFields>(headers: &HeaderMap, body: &[u8]) -> Result<T, Error> {
    require_json(headers)?;
    if body.is_empty() {
        return Err(Error::Malformed(
            "is empty, but must be a JSON object".into(),
        ));
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => T::from_fields(Fields::of(object, "")).map_err(Error::Invalid),
        Ok(value) => Err(Error::Malformed(format!(
            "must be a JSON object, not {}",
            value.kind()
        ))),
        Err(error) => Err(Error::Malformed(format!("is not valid JSON: {error}"))),
    }
}

/// Accepts no encoding, and `application/json`, `application/*+json` (`application/merge-patch+json` is one) and, as the
/// former backend did, no content type at all.
fn require_json(headers: &HeaderMap) -> Result<(), Error> {
    if let Some(encoding) = headers
        .get(CONTENT_ENCODING)
        .filter(|encoding| *encoding != "identity")
    {
        let encoding = encoding.to_str().unwrap_or_default();
        return Err(Error::UnsupportedMediaType(format!(
            "Content-Encoding: {encoding}"
        )));
    }
    let Some(value) = headers.get(CONTENT_TYPE) else {
        return Ok(());
    };
    let content_type = value.to_str().unwrap_or_default();
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let is_json = essence == "application/json"
        || essence
            .strip_prefix("application/")
            .is_some_and(|subtype| subtype.ends_with("+json"));
    if is_json {
        Ok(())
    } else {
        Err(Error::UnsupportedMediaType(format!(
            "Content-Type: {essence}"
        )))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_string(&self.0) {
            Ok(body) => (
                [(CONTENT_TYPE, HeaderValue::from_static("application/json"))],
                body,
            )
                .into_response(),
            Err(error) => Error::Internal(error.to_string()).into_response(),
        }
    }
}
