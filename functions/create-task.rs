//! `POST /api/v1/{user_id}/tasks`: stores a new task for the caller.

use shared::{
    Answer, Caller, Creation, IdempotencyKey, Json, NewTask, StartError, State, Tasks, serve,
};

fn main() -> Result<(), StartError> {
    serve(create_task)
}

/// Answers 201 with the task, and its address in `Location`; again the same for the same `Idempotency-Key`.
pub async fn create_task(
    caller: Caller,
    IdempotencyKey(key): IdempotencyKey,
    State(tasks): State<Tasks>,
    Json(new): Json<NewTask>,
) -> Answer<Creation> {
    match key {
        Some(key) => tasks.insert_once(&caller, key, new).await,
        None => tasks.insert(&caller, new).await.map(Creation::New),
    }
}
