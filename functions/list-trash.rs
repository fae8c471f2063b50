//! `GET /api/v1/{user_id}/trash`: the deleted tasks that can be restored.

use shared::http::{ApiError, Caller, Trash, TrashRequest};
use shared::runtime::{StartError, State, operation, serve};
use shared::store::Tasks;

fn main() -> Result<(), StartError> {
    serve(operation!(), list_trash)
}

/// Answers 200 with a bare array of tasks, those that were deleted last first, and the address of
/// the next page in `Link`.
pub async fn list_trash(
    Caller(session): Caller,
    request: TrashRequest,
    State(tasks): State<Tasks>,
) -> Result<Trash, ApiError> {
    let page = tasks.trash(&session, request.after, request.limit).await?;
    Trash::new(&page, &request, &session)
}
