//! A page of the feed of changes.

use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::array::{MAX_ANSWER_BYTES, array};
use crate::domain::{FeedChange, FeedPage, Task, rfc3339};
use crate::http::body::Json;
use crate::http::entity_tag::EntityTag;
use crate::http::error::ApiError;
use crate::http::request::encode_position;

/// 200 with as many of the changes as fit into an answer, and the cursor of the next page.
#[derive(Debug)]
pub struct Feed(FeedPage);

impl Feed {
    /// The page that was asked for.
    #[must_use]
    pub fn new(page: FeedPage) -> Self {
        Self(page)
    }
}

#[derive(Serialize)]
struct Body {
    changes: Box<RawValue>,
    cursor: String,
    has_more: bool,
    full: bool,
}

/// `type` leaves room for other resources.
#[derive(Serialize)]
struct Change<'a> {
    r#type: &'static str,
    id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<&'a Task>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    deletion: Option<Deletion>,
}

#[derive(Serialize)]
struct Deletion {
    deleted: bool,
    deleted_at: String,
    restorable: bool,
}

impl<'a> From<&'a FeedChange> for Change<'a> {
    fn from(change: &'a FeedChange) -> Self {
        let (task, deletion) = match change {
            FeedChange::Task(task) => (Some(&**task), None),
            FeedChange::Deletion {
                deleted_at,
                restorable,
                ..
            } => (None, Some(deletion(deleted_at, *restorable))),
        };
        Self {
            r#type: "task",
            id: change.id(),
            etag: task.map(|task| EntityTag::of(task).to_string()),
            task,
            deletion,
        }
    }
}

fn deletion(deleted_at: &Timestamp, restorable: bool) -> Deletion {
    Deletion {
        deleted: true,
        deleted_at: rfc3339(deleted_at),
        restorable,
    }
}

fn body(page: &FeedPage) -> serde_json::Result<Body> {
    let changes: Vec<_> = page.changes.iter().map(Change::from).collect();
    let (changes, held) = array(&changes, MAX_ANSWER_BYTES)?;
    let (position, has_more) = page.after(held);
    Ok(Body {
        changes: RawValue::from_string(changes)?,
        cursor: encode_position(&position),
        has_more,
        full: page.is_full(),
    })
}

impl IntoResponse for Feed {
    fn into_response(self) -> Response {
        match body(&self.0) {
            Ok(body) => Json(body).into_response(),
            Err(error) => ApiError::internal(error).into_response(),
        }
    }
}
