//! `PATCH /api/v1/{user_id}/tasks/{task_id}/complete`: completes a task, or makes it pending again.

use shared::{
    Answer, Caller, Completion, Conditions, Json, StartError, State, Task, TaskId, Tasks, serve,
};

fn main() -> Result<(), StartError> {
    serve(complete_task)
}

/// Answers 200 with the task as it is now; without a body, what it was is toggled.
pub async fn complete_task(
    caller: Caller,
    TaskId(id): TaskId,
    conditions: Conditions,
    State(tasks): State<Tasks>,
    completion: Option<Json<Completion>>,
) -> Answer<Task> {
    let completion = completion.map_or(Completion::Toggle, |Json(completion)| completion);
    tasks
        .update(&caller, id, &completion.into(), &conditions.precondition())
        .await
}
