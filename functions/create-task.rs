//! `POST /api/v1/{user_id}/tasks`: stores a new task.

use shared::domain::{Attempt, NewTask, Operation, Outcome};
use shared::http::{ApiError, Caller, IdempotencyKey, Json, NoParameters};
use shared::runtime::{StartError, State, operation, serve};
use shared::store::Tasks;

fn main() -> Result<(), StartError> {
    serve(operation!(), create_task)
}

/// Answers 201 with the task, and its address in `Location`.
pub async fn create_task(
    Caller(session): Caller,
    _: NoParameters,
    IdempotencyKey(key): IdempotencyKey,
    State(tasks): State<Tasks>,
    Json(new): Json<NewTask>,
) -> Result<Attempt<Outcome>, ApiError> {
    let create = Operation::Create(new);
    Ok(tasks.write(&session, create, key.as_deref()).await?)
}
