//! Answers with an entity tag, which a client may already have.

use axum::http::StatusCode;
use axum::http::header::ETAG;
use axum::response::{IntoResponse, Response};

use crate::http::conditions::Conditions;
use crate::http::entity_tag::EntityTag;

/// An answer that has an entity tag.
pub trait Representation: Sized {
    /// The tag of its state.
    fn tag(&self) -> EntityTag;

    /// 200 with the answer, without its tag.
    fn body(self) -> Response;
}

/// 200 with the answer and its `ETag`; or 304 without a body, if the client already has it (RFC 9110
/// section 15.4.5).
#[derive(Debug)]
pub enum Conditional<T> {
    /// The client has the answer with this tag.
    NotModified(EntityTag),
    /// The client does not have this answer.
    Modified(T, EntityTag),
}

impl<T: Representation> Conditional<T> {
    /// Compares the answer with what the client already has.
    pub fn new(answer: T, conditions: &Conditions) -> Self {
        let tag = answer.tag();
        if conditions.not_modified(&tag) {
            Self::NotModified(tag)
        } else {
            Self::Modified(answer, tag)
        }
    }
}

impl<T: Representation> IntoResponse for Conditional<T> {
    fn into_response(self) -> Response {
        let (mut response, tag) = match self {
            Self::NotModified(tag) => (StatusCode::NOT_MODIFIED.into_response(), tag),
            Self::Modified(answer, tag) => (answer.body(), tag),
        };
        response.headers_mut().insert(ETAG, tag.header());
        response
    }
}
