//! `GET /api/v1/{user_id}/tasks`: the caller's tasks, newest first unless the client asks for
//! another order.

use shared::http::{ApiError, Caller, Conditional, Conditions, ListRequest, TaskList};
use shared::runtime::{StartError, State, operation, serve};
use shared::store::Tasks;

fn main() -> Result<(), StartError> {
    serve(operation!(), list_tasks)
}

/// Answers 200 with a bare array of tasks: up to `limit`, or as many as fit into 6 MB, and the
/// address of the next page in `Link`; or 304 if the client already has the same page.
pub async fn list_tasks(
    Caller(session): Caller,
    request: ListRequest,
    conditions: Conditions,
    State(tasks): State<Tasks>,
) -> Result<Conditional<TaskList>, ApiError> {
    let known = request.known(&conditions);
    let listing = tasks.list(&session, &request.query, &known).await?;
    TaskList::answer(listing, &request, &conditions, &session)
}
