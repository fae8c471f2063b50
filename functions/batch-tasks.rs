//! `POST /api/v1/{user_id}/tasks/batch`: up to 100 operations on the caller's tasks at once.

use shared::{Answer, Batch, BatchAnswer, Caller, Json, StartError, State, Tasks, serve};

fn main() -> Result<(), StartError> {
    serve(batch_tasks)
}

/// Answers 200 with a result for each operation, in their order. When one of an atomic batch fails, answers 409, and
/// nothing is done.
pub async fn batch_tasks(
    caller: Caller,
    State(tasks): State<Tasks>,
    Json(batch): Json<Batch>,
) -> Answer<BatchAnswer> {
    tasks.batch(&caller, batch).await.map(BatchAnswer)
}
