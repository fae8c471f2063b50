//! Answers with one task, or with nothing.

use axum::http::StatusCode;
use axum::http::header::{ETAG, HeaderName, HeaderValue, LOCATION};
use axum::response::{IntoResponse, Response};

use super::conditional::Representation;
use super::link::encoded;
use crate::domain::{Creation, Task};
use crate::http::body::Json;
use crate::http::entity_tag::EntityTag;

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

/// 201, with `Idempotency-Replayed` if the same request created the task earlier.
impl IntoResponse for Creation {
    fn into_response(self) -> Response {
        match self {
            Self::New(task) => Created(task).into_response(),
            Self::Replayed(task) => {
                let mut response = Created(task).into_response();
                let is_replayed = HeaderValue::from_static("true");
                response.headers_mut().insert(REPLAYED, is_replayed);
                response
            }
        }
    }
}

/// The result of an update, which may create the task.
#[derive(Debug)]
pub enum Stored {
    /// 201.
    Created(Task),
    /// 200.
    Changed(Task),
}

impl IntoResponse for Stored {
    fn into_response(self) -> Response {
        match self {
            Self::Created(task) => Created(task).into_response(),
            Self::Changed(task) => task.into_response(),
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
