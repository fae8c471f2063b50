//! `PUT` and `PATCH /api/v1/{user_id}/tasks/{task_id}`: changes the fields that the body names, or
//! creates the task.

use shared::domain::{Attempt, Outcome};
use shared::http::{ApiError, Caller, IdempotencyKey, NoParameters, UpdateRequest};
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
    IdempotencyKey(key): IdempotencyKey,
    State(tasks): State<Tasks>,
    UpdateRequest(operation): UpdateRequest,
) -> Result<Attempt<Outcome>, ApiError> {
    let attempt = tasks.write(&session, operation, key.as_deref()).await;
    attempt.map_err(UpdateRequest::error)
}
