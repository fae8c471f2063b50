//! Path parameters, as API Gateway gives them.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use lambda_http::RequestExt;
use uuid::Uuid;

use crate::Error;

/// The `{task_id}` of the path. What is no UUID is the id of no task: 404.
#[derive(Clone, Copy, Debug)]
pub struct TaskId(pub Uuid);

impl<S: Sync> FromRequestParts<S> for TaskId {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let parameters = parts.path_parameters_ref();
        let task_id = parameters.and_then(|parameters| parameters.first("task_id"));
        task_id.and_then(|id| Uuid::try_parse(id).ok()).map(Self).ok_or(Error::NotFound)
    }
}
