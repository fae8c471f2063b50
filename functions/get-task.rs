//! `GET /api/v1/{user_id}/tasks/{task_id}`: one of the caller's tasks.

use shared::{Answer, Caller, Json, StartError, State, Task, TaskId, Tasks, serve};

fn main() -> Result<(), StartError> {
    serve(get_task)
}

/// Answers 200 with the task.
pub async fn get_task(caller: Caller, TaskId(id): TaskId, State(tasks): State<Tasks>) -> Answer<Json<Task>> {
    Ok(Json(tasks.get(&caller, id).await?))
}
