//! `POST /api/v1/{user_id}/tasks`: stores a new task.

use shared::domain::{Creation, NewTask};
use shared::http::{ApiError, Caller, IdempotencyKey, Json, NoParameters};
use shared::runtime::{StartError, State, operation, serve};
use shared::store::Tasks;

fn main() -> Result<(), StartError> {
    serve(operation!(), create_task)
}

/// Answers 201 with the task, and its address in `Location`. Answers the same again to the same
/// `Idempotency-Key`.
pub async fn create_task(
    Caller(session): Caller,
    _: NoParameters,
    IdempotencyKey(key): IdempotencyKey,
    State(tasks): State<Tasks>,
    Json(new): Json<NewTask>,
) -> Result<Creation, ApiError> {
    Ok(match key {
        Some(key) => tasks.create_once(&session, key, new).await?,
        None => Creation::New(tasks.create(&session, new).await?),
    })
}
