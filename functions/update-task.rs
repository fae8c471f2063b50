//! `PUT` and `PATCH /api/v1/{user_id}/tasks/{task_id}`: changes the fields that the body names.

use shared::{Answer, Caller, Json, StartError, State, Task, TaskChanges, TaskId, Tasks, serve};

fn main() -> Result<(), StartError> {
    serve(update_task)
}

/// Answers 200 with the task as it is now; an absent field stays as it was.
pub async fn update_task(
    caller: Caller,
    TaskId(id): TaskId,
    State(tasks): State<Tasks>,
    Json(changes): Json<TaskChanges>,
) -> Answer<Json<Task>> {
    Ok(Json(tasks.update(&caller, id, changes).await?))
}
