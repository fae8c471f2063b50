//! `GET /api/v1/{user_id}/tasks`: the caller's tasks, newest first unless another order is asked for.

use shared::{
    Answer, Caller, Conditional, Conditions, ListRequest, StartError, State, TaskList, Tasks, serve,
};

fn main() -> Result<(), StartError> {
    serve(list_tasks)
}

/// Answers 200 with a bare array of up to 1,000 tasks, or as many as fit into 6 MB, and the address of the next page in
/// `Link`; or 304 when the client has the same page.
pub async fn list_tasks(
    caller: Caller,
    request: ListRequest,
    conditions: Conditions,
    State(tasks): State<Tasks>,
) -> Answer<Conditional<TaskList>> {
    let page = tasks.list(&caller, &request.query).await?;
    Ok(Conditional::new(
        TaskList::new(&page, &request, &caller)?,
        &conditions,
    ))
}
