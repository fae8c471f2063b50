//! JSON bodies.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, OptionalFromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::members::{FromMembers, Members};
use super::surrogates;
use super::value::Value;
use crate::http::error::ApiError;

/// A JSON body. In a request it must be an object without a wrong member; in an answer it means
/// 200.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: FromMembers> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        parse(&parts.headers, &read(body, T::MAX_BYTES).await?).map(Self)
    }
}

impl<S: Send + Sync, T: FromMembers> OptionalFromRequest<S> for Json<T> {
    type Rejection = ApiError;

    /// `None` if there is no body, or if it is `null`, which some HTTP clients send instead.
    async fn from_request(request: Request, _: &S) -> Result<Option<Self>, ApiError> {
        let (parts, body) = request.into_parts();
        let body = read(body, T::MAX_BYTES).await?;
        let text = without_mark(&body);
        if text.is_empty() || text.trim_ascii() == b"null" {
            return Ok(None);
        }
        parse(&parts.headers, &body).map(|value| Some(Self(value)))
    }
}

/// Lambda has already received the body: reading it can fail only because of its length.
async fn read(body: Body, limit: usize) -> Result<Bytes, ApiError> {
    let bytes = to_bytes(body, limit).await;
    bytes.map_err(|_| ApiError::TooLarge(limit))
}

fn parse<T: FromMembers>(headers: &HeaderMap, body: &[u8]) -> Result<T, ApiError> {
    require_json(headers)?;
    let malformed = |reason: String| Err(ApiError::Malformed(reason));
    let body = without_mark(body);
    if body.is_empty() {
        return malformed("is empty, but must be a JSON object".into());
    }
    match read_value(body) {
        Ok(Value::Object(object)) => {
            T::from_members(Members::of(object, "")).map_err(ApiError::Invalid)
        }
        Ok(value) => malformed(format!("must be a JSON object, not {}", value.kind())),
        Err(error) => malformed(format!("is not valid JSON: {error}")),
    }
}

/// The body without the byte order mark that some libraries put before it (RFC 8259 section 8.1).
fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body)
}

/// Reads JSON. With unpaired surrogates in its strings, which `serde_json` refuses as a whole, it
/// is read a second time so that the errors can name the strings.
fn read_value(body: &[u8]) -> serde_json::Result<Value> {
    serde_json::from_slice(body).or_else(|error| match surrogates::marked(body) {
        Some(marked) => serde_json::from_slice(&marked).map_err(|_| error),
        None => Err(error),
    })
}

/// Accepts no encoding, and as content types `application/json`, `application/*+json` (such as
/// `application/merge-patch+json`) and, like the former backend, none at all.
fn require_json(headers: &HeaderMap) -> Result<(), ApiError> {
    let unsupported = |header: String| Err(ApiError::UnsupportedMediaType(header));
    if let Some(encoding) = headers.get(CONTENT_ENCODING)
        && encoding != "identity"
    {
        let encoding = encoding.to_str().unwrap_or_default();
        return unsupported(format!("Content-Encoding: {encoding}"));
    }
    let Some(value) = headers.get(CONTENT_TYPE) else {
        return Ok(());
    };
    let content_type = value.to_str().unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    let subtype = essence.strip_prefix("application/").unwrap_or_default();
    if subtype == "json" || subtype.ends_with("+json") {
        Ok(())
    } else {
        unsupported(format!("Content-Type: {essence}"))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_string(&self.0) {
            Ok(body) => {
                let content_type = HeaderValue::from_static("application/json");
                ([(CONTENT_TYPE, content_type)], body).into_response()
            }
            Err(error) => ApiError::internal(error).into_response(),
        }
    }
}
