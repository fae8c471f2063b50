//! `DELETE /api/v1/{user_id}/tasks/{task_id}`: deletes a task.

use shared::http::{ApiError, Caller, Conditions, NoContent, NoParameters, TaskId};
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
    State(tasks): State<Tasks>,
) -> Result<NoContent, ApiError> {
    tasks
        .delete(&session, id, &conditions.precondition())
        .await?;
    Ok(NoContent)
}
