//! What a `PUT` or `PATCH` of a task asks for.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::Method;

use crate::domain::{NewTask, Operation};
use crate::http::body::Json;
use crate::http::conditions::Conditions;
use crate::http::error::ApiError;
use crate::http::invalid::InvalidField;
use crate::http::task_id::TaskId;
use crate::store::StoreError;

/// An update, or the creation of a task with an id that the client has chosen: `PUT` with
/// `If-None-Match: *`.
#[derive(Debug)]
pub struct UpdateRequest(pub Operation);

impl UpdateRequest {
    /// Why it failed. The task that a creation found is what `If-None-Match` excludes.
    #[must_use]
    pub fn error(error: StoreError) -> ApiError {
        match error {
            StoreError::AlreadyExists => ApiError::PreconditionFailed,
            error => error.into(),
        }
    }
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
            let precondition = conditions.precondition();
            return Ok(Self(Operation::Update(id, changes, precondition)));
        }
        let Json(new) = read::<NewTask, S>(request, state).await?;
        if id.is_nil() {
            let field = InvalidField::parameter("task_id", "must be a UUID");
            return Err(ApiError::invalid(field));
        }
        Ok(Self(Operation::Create(new.with_id(id))))
    }
}

async fn read<T, S>(request: Request, state: &S) -> Result<Json<T>, ApiError>
where
    Json<T>: FromRequest<S, Rejection = ApiError>,
{
    <Json<T> as FromRequest<S>>::from_request(request, state).await
}
