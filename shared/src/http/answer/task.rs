//! Answers with one task, or with nothing.

use axum::http::StatusCode;
use axum::http::header::{ETAG, HeaderName, HeaderValue, LOCATION};
use axum::response::{IntoResponse, Response};

use super::conditional::Representation;
use super::link::encoded;
use crate::domain::{Attempt, Outcome, Task};
use crate::http::body::Json;
use crate::http::entity_tag::EntityTag;
use crate::http::error::ApiError;

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

impl Representation for Task {
    fn tag(&self) -> EntityTag {
        EntityTag::of(self)
    }

    fn body(self) -> Response {
        Json(self).into_response()
    }
}

/// 200 with the task and its `ETag`.
impl IntoResponse for Task {
    fn into_response(self) -> Response {
        let tag = self.tag().header();
        let mut response = self.body();
        response.headers_mut().insert(ETAG, tag);
        response
    }
}

/// 201 with the new task, and its address in `Location`.
struct Created(Task);

impl IntoResponse for Created {
    fn into_response(self) -> Response {
        let Self(task) = self;
        let address = format!("/api/v1/{}/tasks/{}", encoded(&task.user_id), task.id);
        let mut response = task.into_response();
        *response.status_mut() = StatusCode::CREATED;
        if let Ok(location) = HeaderValue::try_from(address) {
            response.headers_mut().insert(LOCATION, location);
        }
        response
    }
}

/// What came of an operation: 201 or 200 with the task, 204 without one, 404 if the operation was
/// done before and its task has been deleted since.
impl IntoResponse for Outcome {
    fn into_response(self) -> Response {
        match self {
            Self::Created(task) => Created(task).into_response(),
            Self::Updated(task) => task.into_response(),
            Self::Deleted => NoContent.into_response(),
            Self::Gone => ApiError::NotFound.into_response(),
        }
    }
}

/// The answer, with `Idempotency-Replayed` if an earlier request with the same key got it.
impl<T: IntoResponse> IntoResponse for Attempt<T> {
    fn into_response(self) -> Response {
        let mut response = self.result.into_response();
        if self.replayed {
            let is_replayed = HeaderValue::from_static("true");
            response.headers_mut().insert(REPLAYED, is_replayed);
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
