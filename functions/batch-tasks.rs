//! `POST /api/v1/{user_id}/tasks/batch`: several operations in one transaction.

use shared::domain::Attempt;
use shared::http::{
    ApiError, BatchAnswer, BatchRequest, Caller, IdempotencyKey, Json, NoParameters,
};
use shared::runtime::{StartError, State, operation, serve};
use shared::store::Tasks;

fn main() -> Result<(), StartError> {
    serve(operation!(), batch_tasks)
}

/// Answers 200 with a result for each operation, in order. If one of an atomic batch fails, answers
/// 409, and nothing has changed.
pub async fn batch_tasks(
    Caller(session): Caller,
    _: NoParameters,
    IdempotencyKey(key): IdempotencyKey,
    State(tasks): State<Tasks>,
    Json(BatchRequest { batch, invalid }): Json<BatchRequest>,
) -> Result<Attempt<BatchAnswer>, ApiError> {
    let attempt = tasks.batch(&session, &batch, key.as_deref()).await?;
    Ok(attempt.map(|outcomes| BatchAnswer::new(outcomes, invalid)))
}
