//! `PATCH /api/v1/{user_id}/tasks/{task_id}/complete`: completes a task, or makes it pending again.

use shared::domain::{Attempt, Completion, Operation, Outcome};
use shared::http::{ApiError, Caller, Conditions, IdempotencyKey, Json, NoParameters, TaskId};
use shared::runtime::{StartError, State, operation, serve};
use shared::store::Tasks;

fn main() -> Result<(), StartError> {
    serve(operation!(), complete_task)
}

/// Answers 200 with the task in its new state. Without a body, toggles it.
pub async fn complete_task(
    Caller(session): Caller,
    _: NoParameters,
    TaskId(id): TaskId,
    conditions: Conditions,
    IdempotencyKey(key): IdempotencyKey,
    State(tasks): State<Tasks>,
    completion: Option<Json<Completion>>,
) -> Result<Attempt<Outcome>, ApiError> {
    let completion = completion.map_or(Completion::Toggle, |Json(completion)| completion);
    let update = Operation::Update(id, completion.into(), conditions.precondition());
    Ok(tasks.write(&session, update, key.as_deref()).await?)
}
