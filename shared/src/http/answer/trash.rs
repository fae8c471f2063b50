//! A page of the trash.

use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};

use super::array::{MAX_ANSWER_BYTES, array, last_before_more};
use super::link::{encoded, next_link};
use crate::domain::TrashPage;
use crate::http::error::ApiError;
use crate::http::request::TrashRequest;
use crate::store::Session;

/// 200 with a bare JSON array of deleted tasks, those that were deleted last first: as many as fit
/// into Lambda's answer. `Link` leads to the page after the last of them.
#[derive(Debug)]
pub struct Trash {
    body: String,
    next: Option<String>,
}

impl Trash {
    /// The page that the user asked for.
    pub fn new(
        page: &TrashPage,
        request: &TrashRequest,
        session: &Session,
    ) -> Result<Self, ApiError> {
        let (body, held) = array(&page.tasks, MAX_ANSWER_BYTES).map_err(ApiError::internal)?;
        let last = last_before_more(&page.tasks, page.more, held);
        let next = last.map(|last| {
            let (user_id, limit) = (encoded(session.user_id()), request.limit);
            let cursor = last.task.version;
            format!("/api/v1/{user_id}/trash?limit={limit}&cursor={cursor:x}")
        });
        Ok(Self { body, next })
    }
}

impl IntoResponse for Trash {
    fn into_response(self) -> Response {
        let mut response = self.body.into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.extend(self.next.as_deref().and_then(next_link));
        response
    }
}
