//! `DELETE /api/v1/{user_id}`: erases everything that is stored of the caller.

use shared::{Answer, Caller, Confirmation, NoContent, StartError, State, Tasks, serve};

fn main() -> Result<(), StartError> {
    serve(erase_user)
}

/// Answers 204 once nothing of the caller is left.
pub async fn erase_user(
    caller: Caller,
    confirmation: Confirmation,
    State(tasks): State<Tasks>,
) -> Answer<NoContent> {
    confirmation.require(&caller)?;
    tasks.erase(&caller).await?;
    Ok(NoContent)
}
