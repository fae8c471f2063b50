//! `GET /api/v1/{user_id}/tasks`: the caller's tasks, newest first.

use shared::{Answer, Caller, Json, Query, StartError, State, StatusFilter, Task, Tasks, serve};

fn main() -> Result<(), StartError> {
    serve(list_tasks)
}

/// Answers 200 with a bare array of up to 1,000 tasks.
pub async fn list_tasks(
    caller: Caller,
    Query(status): Query<StatusFilter>,
    State(tasks): State<Tasks>,
) -> Answer<Json<Vec<Task>>> {
    Ok(Json(tasks.list(&caller, status).await?))
}
