//! A page of tasks.

use axum::http::HeaderMap;
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};

use super::array::{MAX_ANSWER_BYTES, array, last_before_more};
use super::conditional::{Conditional, Representation};
use super::link::{encoded, next_link};
use crate::domain::{Listing, Page, Task};
use crate::http::conditions::Conditions;
use crate::http::entity_tag::EntityTag;
use crate::http::error::ApiError;
use crate::http::request::{ListRequest, encode_cursor};
use crate::store::Session;

const TOTAL_COUNT: HeaderName = HeaderName::from_static("x-total-count");

/// 200 with a bare JSON array of tasks: as many as the client asked for, or as fit into Lambda's
/// answer. `Link` leads to the page after the last of them.
#[derive(Debug)]
pub struct TaskList {
    body: String,
    tag: EntityTag,
    next: Option<String>,
    total: Option<i64>,
}

impl TaskList {
    /// The page that the user asked for, unless the client has it already.
    pub fn answer(
        listing: Listing,
        request: &ListRequest,
        conditions: &Conditions,
        session: &Session,
    ) -> Result<Conditional<Self>, ApiError> {
        match listing {
            Listing::Known(state) => {
                let tag = EntityTag::of_list(&state, &request.digest);
                Conditional::known(tag, conditions)
            }
            Listing::Page(page) => {
                Conditional::new(Self::new(&page, request, session)?, conditions)
            }
        }
    }

    fn new(page: &Page, request: &ListRequest, session: &Session) -> Result<Self, ApiError> {
        let (body, held) = array(&page.tasks, MAX_ANSWER_BYTES).map_err(ApiError::internal)?;
        let last = last_before_more(&page.tasks, page.more, held);
        Ok(Self {
            body,
            tag: EntityTag::of_list(&page.state, &request.digest),
            next: last.map(|last| next_page(last, request, session.user_id())),
            total: page.total,
        })
    }
}

fn next_page(last: &Task, request: &ListRequest, user_id: &str) -> String {
    let ListRequest {
        query, parameters, ..
    } = request;
    let cursor = encode_cursor(&query.cursor_after(last), query);
    let cursor = ("cursor".to_owned(), cursor);
    let parameters = parameters.iter().chain([&cursor]);
    let pairs = parameters.map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    let query = pairs.collect::<Vec<_>>().join("&");
    format!("/api/v1/{}/tasks?{query}", encoded(user_id))
}

impl Representation for TaskList {
    fn tag(&self) -> EntityTag {
        self.tag.clone()
    }

    fn body(self) -> Response {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.extend(self.next.as_deref().and_then(next_link));
        if let Some(total) = self.total {
            headers.insert(TOTAL_COUNT, HeaderValue::from(total));
        }
        (headers, self.body).into_response()
    }
}
