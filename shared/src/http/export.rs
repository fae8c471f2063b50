//! What is stored of a user, for him to take along (GDPR articles 15 and 20), and his word that it is to be erased
//! (article 17).

use axum::extract::FromRequestParts;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use super::InvalidField;
use super::list::{array, encoded, last_before_more, next_link};
use super::list_query::Text;
use super::query::Parameters;
use super::{MAX_ANSWER_BYTES, cursor};
use crate::task::rfc3339;
use crate::tasks::{ListQuery, Page, Sort, SortKey};
use crate::{Caller, Error};

/// Which part of the export is asked for.
#[derive(Debug)]
pub struct ExportRequest(pub ListQuery);

impl<S: Sync> FromRequestParts<S> for ExportRequest {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let sort = Sort {
            key: SortKey::CreatedAt,
            descending: false,
        };
        let mut query = ListQuery {
            sort,
            ..ListQuery::default()
        };
        let mut parameters = Parameters::of(parts);
        if let Some(Text(text)) = parameters.one("cursor") {
            query.cursor = cursor::decode(&text, &query);
            if query.cursor.is_none() {
                parameters.refuse("cursor", "is of no export");
            }
        }
        parameters.finish(Self(query)).map_err(Error::Invalid)
    }
}

/// A part of the export, as a file to be saved. `next` is where the rest is.
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
    pub fn new(page: &Page, query: &ListQuery, caller: &Caller) -> Result<Self, Error> {
        let document = || {
            let (tasks, held) = array(&page.tasks, MAX_ANSWER_BYTES)?;
            let next = last_before_more(page, held).map(|last| {
                let cursor = cursor::encode(&query.cursor_after(last), query);
                format!(
                    "/api/v1/{}/export?cursor={cursor}",
                    encoded(caller.user_id())
                )
            });
            let body = serde_json::to_string(&Document {
                user_id: caller.user_id(),
                exported_at: rfc3339(&Timestamp::now()),
                tasks: &RawValue::from_string(tasks)?,
                next: next.as_deref(),
            })?;
            Ok(Self { body, next })
        };
        document().map_err(|error: serde_json::Error| Error::Internal(error.to_string()))
    }
}

impl IntoResponse for Export {
    fn into_response(self) -> Response {
        let mut response = self.body.into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(
            CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"tasks.json\""),
        );
        headers.extend(self.next.as_deref().and_then(next_link));
        response
    }
}

/// Who is to be erased, as the client confirms it: the parameter `confirm`.
#[derive(Debug)]
pub struct Confirmation(Option<String>);

impl<S: Sync> FromRequestParts<S> for Confirmation {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let mut parameters = Parameters::of(parts);
        let confirm = parameters.one::<Text>("confirm");
        parameters
            .finish(Self(confirm.map(|Text(text)| text)))
            .map_err(Error::Invalid)
    }
}

impl Confirmation {
    /// Fails unless it names the caller, by his id: `me`, which anybody could write, does not.
    pub fn require(&self, caller: &Caller) -> Result<(), Error> {
        if self.0.as_deref() == Some(caller.user_id()) {
            return Ok(());
        }
        let detail = "must be your user id: everything that is stored of you will be erased";
        Err(Error::Invalid(vec![InvalidField::parameter(
            "confirm", detail,
        )]))
    }
}
