//! `GET /api/v1/{user_id}/tasks`: the caller's tasks, newest first unless the client asks for
//! another order.

use shared::http::{ApiError, Caller, Conditional, Conditions, ListRequest, TaskList};
use shared::runtime::{StartError, State, operation, serve};
use shared::store::Tasks;

fn main() -> Result<(), StartError> {
    serve(operation!(), list_tasks)
}

/// Answers 200 with a bare array of up to 1,000 tasks, or as many as fit into 6 MB, and the address
/// of the next page in `Link`; or 304 if the client already has the same page.
pub async fn list_tasks(
    Caller(session): Caller,
    request: ListRequest,
    conditions: Conditions,
    State(tasks): State<Tasks>,
) -> Result<Conditional<TaskList>, ApiError> {
    let page = tasks.list(&session, &request.query).await?;
    let list = TaskList::new(&page, &request, &session)?;
    Conditional::new(list, &conditions)
}
