//! `PUT` and `PATCH /api/v1/{user_id}/tasks/{task_id}`: changes the fields that the body names, or
//! creates the task.

use shared::http::{ApiError, Caller, NoParameters, Stored, UpdateRequest};
use shared::runtime::{StartError, State, operation, serve};
use shared::store::Tasks;

fn main() -> Result<(), StartError> {
    serve(operation!(), update_task)
}

/// Answers 200 with the task in its new state. Answers 201 to a `PUT` with `If-None-Match: *`,
/// which creates a task with an id that the client has chosen.
pub async fn update_task(
    Caller(session): Caller,
    _: NoParameters,
    State(tasks): State<Tasks>,
    request: UpdateRequest,
) -> Result<Stored, ApiError> {
    Ok(match request {
        UpdateRequest::Create(new) => Stored::Created(tasks.create_absent(&session, new).await?),
        UpdateRequest::Change(id, changes, precondition) => {
            Stored::Changed(tasks.update(&session, id, &changes, &precondition).await?)
        }
    })
}
