//! An export: a user's tasks, without those in the trash, in a form to keep or to take elsewhere
//! (GDPR article 20).

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use super::array::{MAX_ANSWER_BYTES, array, last_before_more};
use super::link::{encoded, next_link};
use crate::domain::{ListQuery, Listing, Page, rfc3339};
use crate::http::error::ApiError;
use crate::http::request::encode_cursor;
use crate::store::Session;

/// A part of the export, as a file to be saved. `next` is the address of the rest.
#[derive(Debug)]
pub struct Export {
    body: String,
    next: Option<String>,
}

#[derive(Serialize)]
struct Document<'a> {
    user_id: &'a str,
    exported_at: String,
    tasks: &'a RawValue,
    next: Option<&'a str>,
}

impl Export {
    /// The part that holds these tasks, or as many of them as fit into an answer.
    pub fn new(listing: Listing, query: &ListQuery, session: &Session) -> Result<Self, ApiError> {
        let Listing::Page(page) = listing else {
            return Err(ApiError::internal("an export has no known state"));
        };
        Self::written(&page, query, session.user_id()).map_err(ApiError::internal)
    }

    fn written(page: &Page, query: &ListQuery, user_id: &str) -> serde_json::Result<Self> {
        let (tasks, held) = array(&page.tasks, MAX_ANSWER_BYTES)?;
        let next = last_before_more(&page.tasks, page.more, held).map(|last| {
            let cursor = encode_cursor(&query.cursor_after(last), query);
            format!("/api/v1/{}/export?cursor={cursor}", encoded(user_id))
        });
        let body = serde_json::to_string(&Document {
            user_id,
            exported_at: rfc3339(&Timestamp::now()),
            tasks: &RawValue::from_string(tasks)?,
            next: next.as_deref(),
        })?;
        Ok(Self { body, next })
    }
}

impl IntoResponse for Export {
    fn into_response(self) -> Response {
        let mut response = self.body.into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let file = HeaderValue::from_static("attachment; filename=\"tasks.json\"");
        headers.insert(CONTENT_DISPOSITION, file);
        headers.extend(self.next.as_deref().and_then(next_link));
        response
    }
}
