//! `POST /api/v1/{user_id}/trash/{task_id}/restore`: takes a task out of the trash.

use shared::domain::{Attempt, Operation, Outcome};
use shared::http::{ApiError, Caller, IdempotencyKey, NoParameters, TaskId};
use shared::runtime::{StartError, State, operation, serve};
use shared::store::Tasks;

fn main() -> Result<(), StartError> {
    serve(operation!(), restore_task)
}

/// Answers 200 with the task as it was, with a new entity tag.
pub async fn restore_task(
    Caller(session): Caller,
    _: NoParameters,
    TaskId(id): TaskId,
    IdempotencyKey(key): IdempotencyKey,
    State(tasks): State<Tasks>,
) -> Result<Attempt<Outcome>, ApiError> {
    let restore = Operation::Restore(id);
    Ok(tasks.write(&session, restore, key.as_deref()).await?)
}
