//! `POST /api/v1/{user_id}/tasks`: stores a new task for the caller.

use shared::{Answer, Caller, Created, Json, NewTask, StartError, State, Tasks, serve};

fn main() -> Result<(), StartError> {
    serve(create_task)
}

/// Answers 201 with the task, and its address in `Location`.
pub async fn create_task(
    caller: Caller,
    State(tasks): State<Tasks>,
    Json(new): Json<NewTask>,
) -> Answer<Created> {
    Ok(Created(tasks.insert(&caller, new).await?))
}
