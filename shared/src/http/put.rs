//! What a `PUT` or `PATCH` of a task asks for.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use super::{Conditions, Created, InvalidField, Json, TaskId};
use crate::tasks::Precondition;
use crate::{Error, NewTask, Task, TaskChanges};

/// A new task under the id that the client chose, or changes to the task of that id.
#[derive(Debug)]
pub enum Put {
    /// `PUT` with `If-None-Match: *`.
    Create(NewTask),
    /// Everything else.
    Change(Uuid, TaskChanges, Precondition),
}

impl<S: Send + Sync> FromRequest<S> for Put {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        let (mut parts, body) = request.into_parts();
        let Ok(TaskId(id)) = TaskId::from_request_parts(&mut parts, state).await;
        let conditions = Conditions::from_request_parts(&mut parts, state).await?;
        let creates = parts.method == Method::PUT && conditions.creates();
        let request = Request::from_parts(parts, body);
        if creates {
            let Json(new) = <Json<NewTask> as FromRequest<S>>::from_request(request, state).await?;
            let no_uuid =
                || Error::Invalid(vec![InvalidField::parameter("task_id", "must be a UUID")]);
            return if id.is_nil() {
                Err(no_uuid())
            } else {
                Ok(Self::Create(NewTask { id, ..new }))
            };
        }
        let Json(changes) =
            <Json<TaskChanges> as FromRequest<S>>::from_request(request, state).await?;
        Ok(Self::Change(id, changes, conditions.precondition()))
    }
}

/// What became of it.
#[derive(Debug)]
pub enum Stored {
    /// 201.
    Created(Task),
    /// 200.
    Changed(Task),
}

impl IntoResponse for Stored {
    fn into_response(self) -> Response {
        match self {
            Self::Created(task) => Created(task).into_response(),
            Self::Changed(task) => task.into_response(),
        }
    }
}
