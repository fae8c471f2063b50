//! Answers without a form of their own elsewhere.

use axum::http::StatusCode;
use axum::http::header::{HeaderValue, LOCATION};
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Json;
use crate::Task;

/// What a path segment may hold as it is (RFC 3986 section 2.3).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// 201 with the new task, and its address in `Location`.
#[derive(Debug)]
pub struct Created(pub Task);

impl IntoResponse for Created {
    fn into_response(self) -> Response {
        let user_id = utf8_percent_encode(&self.0.user_id, SEGMENT);
        let location = HeaderValue::try_from(format!("/api/v1/{user_id}/tasks/{}", self.0.id));
        let mut response = (StatusCode::CREATED, Json(self.0)).into_response();
        if let Ok(location) = location {
            response.headers_mut().insert(LOCATION, location);
        }
        response
    }
}

/// 204: it is done, and there is nothing to say.
#[derive(Debug)]
pub struct NoContent;

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}
