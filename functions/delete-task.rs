//! `DELETE /api/v1/{user_id}/tasks/{task_id}`: deletes one of the caller's tasks.

use shared::{Answer, Caller, Conditions, NoContent, StartError, State, TaskId, Tasks, serve};

fn main() -> Result<(), StartError> {
    serve(delete_task)
}

/// Answers 204.
pub async fn delete_task(
    caller: Caller,
    TaskId(id): TaskId,
    conditions: Conditions,
    State(tasks): State<Tasks>,
) -> Answer<NoContent> {
    tasks
        .delete(&caller, id, &conditions.precondition())
        .await?;
    Ok(NoContent)
}
