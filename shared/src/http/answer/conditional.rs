//! Answers with an entity tag, which a client may already have.

use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, ETAG, HeaderValue};
use axum::response::{IntoResponse, Response};

use crate::http::conditions::Conditions;
use crate::http::entity_tag::EntityTag;
use crate::http::error::ApiError;

/// An answer that has an entity tag.
pub trait Representation: Sized {
    /// The content type of [`body`](Self::body).
    const MEDIA_TYPE: &'static str = "application/json";

    /// The tag of its state.
    fn tag(&self) -> EntityTag;

    /// 200 with the answer, without its tag.
    fn body(self) -> Response;
}

/// 200 with the answer and its `ETag`; or 304 without a body, if the client already has it (RFC
/// 9110 section 15.4.5).
///
/// The 304 has the content type of the 200. API Gateway adds `text/plain` to an answer that has
/// none, and a cache that revalidates stores the headers of the 304 (RFC 9111 section 3.2).
#[derive(Debug)]
pub enum Conditional<T> {
    /// The client has the answer with this tag.
    NotModified(EntityTag),
    /// The client does not have this answer.
    Modified(T, EntityTag),
}

impl<T: Representation> Conditional<T> {
    /// An answer that the client has: only what it requires is left to compare.
    pub(super) fn known(tag: EntityTag, conditions: &Conditions) -> Result<Self, ApiError> {
        if conditions.match_tag(&tag) {
            Ok(Self::NotModified(tag))
        } else {
            Err(ApiError::PreconditionFailed)
        }
    }

    /// Compares the answer with what the client requires, and with what it already has (RFC 9110
    /// section 13.2.2).
    pub fn new(answer: T, conditions: &Conditions) -> Result<Self, ApiError> {
        let tag = answer.tag();
        if !conditions.match_tag(&tag) {
            return Err(ApiError::PreconditionFailed);
        }
        Ok(if conditions.not_modified(&tag) {
            Self::NotModified(tag)
        } else {
            Self::Modified(answer, tag)
        })
    }
}

impl<T: Representation> IntoResponse for Conditional<T> {
    fn into_response(self) -> Response {
        let (mut response, tag) = match self {
            Self::NotModified(tag) => {
                let media_type = HeaderValue::from_static(T::MEDIA_TYPE);
                let headers = [(CONTENT_TYPE, media_type)];
                ((StatusCode::NOT_MODIFIED, headers).into_response(), tag)
            }
            Self::Modified(answer, tag) => (answer.body(), tag),
        };
        response.headers_mut().insert(ETAG, tag.header());
        response
    }
}
