//! The id of a task in a path.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use lambda_http::RequestExt;
use uuid::Uuid;

/// The `{task_id}` of the path. What is not a UUID becomes the nil UUID, which no task has: it is
/// treated exactly like the id of a missing task, even if something else is wrong with the request.
#[derive(Clone, Copy, Debug)]
pub struct TaskId(pub Uuid);

impl TaskId {
    /// The id that `text` gives.
    pub(super) fn parse(text: &str) -> Self {
        Self(Uuid::try_parse(text).unwrap_or_default())
    }
}

impl<S: Sync> FromRequestParts<S> for TaskId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let parameters = parts.path_parameters_ref();
        let task_id = parameters.and_then(|parameters| parameters.first("task_id"));
        Ok(Self::parse(task_id.unwrap_or_default()))
    }
}
