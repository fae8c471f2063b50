//! Answers without a form of their own elsewhere.

use axum::http::StatusCode;
use axum::http::header::{ETAG, HeaderName, HeaderValue, LOCATION};
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{EntityTag, Json};
use crate::Task;
use crate::tasks::Creation;

/// What a path segment may hold as it is (RFC 3986 section 2.3).
pub(super) const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// 200 with the task, and its `ETag`.
impl IntoResponse for Task {
    fn into_response(self) -> Response {
        let tag = EntityTag::of(&self).header();
        let mut response = Json(self).into_response();
        response.headers_mut().insert(ETAG, tag);
        response
    }
}

/// 201 with the new task, and its address in `Location`.
#[derive(Debug)]
pub struct Created(pub Task);

impl IntoResponse for Created {
    fn into_response(self) -> Response {
        let user_id = utf8_percent_encode(&self.0.user_id, SEGMENT);
        let location = HeaderValue::try_from(format!("/api/v1/{user_id}/tasks/{}", self.0.id));
        let mut response = self.0.into_response();
        *response.status_mut() = StatusCode::CREATED;
        if let Ok(location) = location {
            response.headers_mut().insert(LOCATION, location);
        }
        response
    }
}

/// 201 also when the same request had created the task before: `Idempotency-Replayed` tells it.
impl IntoResponse for Creation {
    fn into_response(self) -> Response {
        match self {
            Self::New(task) => Created(task).into_response(),
            Self::Replayed(task) => {
                let mut response = Created(task).into_response();
                response
                    .headers_mut()
                    .insert(REPLAYED, HeaderValue::from_static("true"));
                response
            }
        }
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
