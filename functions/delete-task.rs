//! `DELETE /api/v1/{user_id}/tasks/{task_id}`: deletes a task.

use shared::domain::{Attempt, Operation, Outcome};
use shared::http::{ApiError, Caller, Conditions, IdempotencyKey, Permanently, TaskId};
use shared::runtime::{StartError, State, operation, serve};
use shared::store::Tasks;

fn main() -> Result<(), StartError> {
    serve(operation!(), delete_task)
}

/// Answers 204. The task is in the trash, unless it was to be deleted permanently.
pub async fn delete_task(
    Caller(session): Caller,
    Permanently(permanently): Permanently,
    TaskId(id): TaskId,
    conditions: Conditions,
    IdempotencyKey(key): IdempotencyKey,
    State(tasks): State<Tasks>,
) -> Result<Attempt<Outcome>, ApiError> {
    let precondition = conditions.precondition();
    let delete = if permanently {
        Operation::DeletePermanently(id, precondition)
    } else {
        Operation::Delete(id, precondition)
    };
    Ok(tasks.write(&session, delete, key.as_deref()).await?)
}
