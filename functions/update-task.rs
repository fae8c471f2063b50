//! `PUT` and `PATCH /api/v1/{user_id}/tasks/{task_id}`: changes the fields that the body names, or creates the task.

use shared::{Answer, Caller, Put, StartError, State, Stored, Tasks, serve};

fn main() -> Result<(), StartError> {
    serve(update_task)
}

/// Answers 200 with the task as it is now; an absent field stays as it was. Answers 201 to a `PUT` with
/// `If-None-Match: *` when the client has made up the id.
pub async fn update_task(caller: Caller, State(tasks): State<Tasks>, put: Put) -> Answer<Stored> {
    match put {
        Put::Create(new) => tasks.insert_absent(&caller, new).await.map(Stored::Created),
        Put::Change(id, changes, precondition) => tasks
            .update(&caller, id, &changes, &precondition)
            .await
            .map(Stored::Changed),
    }
}
