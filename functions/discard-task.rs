//! `DELETE /api/v1/{user_id}/trash/{task_id}`: deletes a task in the trash for good.

use shared::http::{ApiError, Caller, NoContent, NoParameters, TaskId};
use shared::runtime::{StartError, State, operation, serve};
use shared::store::Tasks;

fn main() -> Result<(), StartError> {
    serve(operation!(), discard_task)
}

/// Answers 204 once the content of the task is gone.
pub async fn discard_task(
    Caller(session): Caller,
    _: NoParameters,
    TaskId(id): TaskId,
    State(tasks): State<Tasks>,
) -> Result<NoContent, ApiError> {
    tasks.discard(&session, id).await?;
    Ok(NoContent)
}
