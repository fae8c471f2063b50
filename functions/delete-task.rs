//! `DELETE /api/v1/{user_id}/tasks/{task_id}`: deletes a task.

use shared::domain::{Attempt, Operation, Outcome};
use shared::http::{ApiError, Caller, Conditions, IdempotencyKey, NoParameters, TaskId};
use shared::runtime::{StartError, State, operation, serve};
use shared::store::Tasks;

fn main() -> Result<(), StartError> {
    serve(operation!(), delete_task)
}

/// Answers 204.
pub async fn delete_task(
    Caller(session): Caller,
    _: NoParameters,
    TaskId(id): TaskId,
    conditions: Conditions,
    IdempotencyKey(key): IdempotencyKey,
    State(tasks): State<Tasks>,
) -> Result<Attempt<Outcome>, ApiError> {
    let delete = Operation::Delete(id, conditions.precondition());
    Ok(tasks.write(&session, delete, key.as_deref()).await?)
}
