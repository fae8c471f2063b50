//! What a `PUT` or `PATCH` of a task asks for.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::Method;
use uuid::Uuid;

use crate::domain::{NewTask, Precondition, TaskChanges};
use crate::http::body::Json;
use crate::http::conditions::Conditions;
use crate::http::error::ApiError;
use crate::http::invalid::InvalidField;
use crate::http::task_id::TaskId;

/// A new task with an id that the client has chosen, or changes to the task with that id.
#[derive(Debug)]
pub enum UpdateRequest {
    /// `PUT` with `If-None-Match: *`.
    Create(NewTask),
    /// Everything else.
    Change(Uuid, TaskChanges, Precondition),
}

impl<S: Send + Sync> FromRequest<S> for UpdateRequest {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let Ok(TaskId(id)) = TaskId::from_request_parts(&mut parts, state).await;
        let conditions = Conditions::from_request_parts(&mut parts, state).await?;
        let creates = parts.method == Method::PUT && conditions.creates();
        let request = Request::from_parts(parts, body);
        if !creates {
            let Json(changes) = read(request, state).await?;
            return Ok(Self::Change(id, changes, conditions.precondition()));
        }
        let Json(new) = read::<NewTask, S>(request, state).await?;
        if id.is_nil() {
            let field = InvalidField::parameter("task_id", "must be a UUID");
            return Err(ApiError::invalid(field));
        }
        Ok(Self::Create(NewTask { id, ..new }))
    }
}

async fn read<T, S>(request: Request, state: &S) -> Result<Json<T>, ApiError>
where
    Json<T>: FromRequest<S, Rejection = ApiError>,
{
    <Json<T> as FromRequest<S>>::from_request(request, state).await
}
