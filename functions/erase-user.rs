//! `DELETE /api/v1/{user_id}`: erases everything that is stored about the caller.

use shared::http::{ApiError, Caller, Confirmation, NoContent};
use shared::runtime::{StartError, State, operation, serve};
use shared::store::Users;

fn main() -> Result<(), StartError> {
    serve(operation!(), erase_user)
}

/// Answers 204 once nothing about the caller is left.
pub async fn erase_user(
    Caller(session): Caller,
    confirmation: Confirmation,
    State(users): State<Users>,
) -> Result<NoContent, ApiError> {
    confirmation.require(&session)?;
    users.erase(&session).await?;
    Ok(NoContent)
}
