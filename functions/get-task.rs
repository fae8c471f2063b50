//! `GET /api/v1/{user_id}/tasks/{task_id}`: one of the caller's tasks.

use shared::{
    Answer, Caller, Conditional, Conditions, StartError, State, Task, TaskId, Tasks, serve,
};

fn main() -> Result<(), StartError> {
    serve(get_task)
}

/// Answers 200 with the task, or 304 when the client has it as it is.
pub async fn get_task(
    caller: Caller,
    TaskId(id): TaskId,
    conditions: Conditions,
    State(tasks): State<Tasks>,
) -> Answer<Conditional<Task>> {
    Ok(Conditional::new(tasks.get(&caller, id).await?, &conditions))
}
