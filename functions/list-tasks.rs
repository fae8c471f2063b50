//! `GET /api/v1/{user_id}/tasks`: the caller's tasks, newest first.

use shared::{Answer, Caller, Query, StartError, State, StatusFilter, TaskList, Tasks, serve};

fn main() -> Result<(), StartError> {
    serve(list_tasks)
}

/// Answers 200 with a bare array of up to 1,000 tasks, or as many as fit into 6 MB.
pub async fn list_tasks(
    caller: Caller,
    Query(status): Query<StatusFilter>,
    State(tasks): State<Tasks>,
) -> Answer<TaskList> {
    Ok(TaskList(tasks.list(&caller, status).await?))
}
