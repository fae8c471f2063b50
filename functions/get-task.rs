//! `GET /api/v1/{user_id}/tasks/{task_id}`: one task.

use shared::domain::Task;
use shared::http::{ApiError, Caller, Conditional, Conditions, NoParameters, TaskId};
use shared::runtime::{StartError, State, operation, serve};
use shared::store::Tasks;

fn main() -> Result<(), StartError> {
    serve(operation!(), get_task)
}

/// Answers 200 with the task, or 304 if the client already has it in its present state.
pub async fn get_task(
    Caller(session): Caller,
    _: NoParameters,
    TaskId(id): TaskId,
    conditions: Conditions,
    State(tasks): State<Tasks>,
) -> Result<Conditional<Task>, ApiError> {
    let task = tasks.get(&session, id).await?;
    Conditional::new(task, &conditions)
}
