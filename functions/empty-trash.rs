//! `DELETE /api/v1/{user_id}/trash`: permanently deletes everything in the trash.

use shared::http::{ApiError, Caller, NoContent, NoParameters};
use shared::runtime::{StartError, State, operation, serve};
use shared::store::Tasks;

fn main() -> Result<(), StartError> {
    serve(operation!(), empty_trash)
}

/// Answers 204 once the trash is empty.
pub async fn empty_trash(
    Caller(session): Caller,
    _: NoParameters,
    State(tasks): State<Tasks>,
) -> Result<NoContent, ApiError> {
    tasks.empty_trash(&session).await?;
    Ok(NoContent)
}
