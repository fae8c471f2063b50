//! Answers that a client may have already.

use axum::http::StatusCode;
use axum::http::header::ETAG;
use axum::response::{IntoResponse, Response};

use super::{Conditions, EntityTag};
use crate::Task;

/// An answer that has an entity tag.
pub trait Tagged: IntoResponse {
    /// The tag of its state.
    fn tag(&self) -> EntityTag;
}

impl Tagged for Task {
    fn tag(&self) -> EntityTag {
        EntityTag::of(self)
    }
}

/// 200 with the answer and its `ETag`; or 304 without a body, when the client has it (RFC 9110 section 15.4.5).
#[derive(Debug)]
pub enum Conditional<T> {
    /// The client has it.
    NotModified(EntityTag),
    /// The client has something else, or nothing.
    Modified(T),
}

impl<T: Tagged> Conditional<T> {
    /// Compares the answer with what the client says that it has.
    pub fn new(answer: T, conditions: &Conditions) -> Self {
        let tag = answer.tag();
        if conditions.not_modified(&tag) {
            Self::NotModified(tag)
        } else {
            Self::Modified(answer)
        }
    }
}

impl<T: Tagged> IntoResponse for Conditional<T> {
    fn into_response(self) -> Response {
        let (tag, mut response) = match self {
            Self::NotModified(tag) => (tag, StatusCode::NOT_MODIFIED.into_response()),
            Self::Modified(answer) => (answer.tag(), answer.into_response()),
        };
        response.headers_mut().insert(ETAG, tag.header());
        response
    }
}
