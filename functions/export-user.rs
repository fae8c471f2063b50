//! `GET /api/v1/{user_id}/export`: the caller's tasks, to keep or to take elsewhere. Not those in the
//! trash.
//! elsewhere.

use shared::http::{ApiError, Caller, Export, ExportRequest};
use shared::runtime::{StartError, State, operation, serve};
use shared::store::Tasks;

fn main() -> Result<(), StartError> {
    serve(operation!(), export_user)
}

/// Answers 200 with the caller's tasks, oldest first: as many as fit into 6 MB, and the address of
/// the rest.
pub async fn export_user(
    Caller(session): Caller,
    ExportRequest(query): ExportRequest,
    State(tasks): State<Tasks>,
) -> Result<Export, ApiError> {
    let listing = tasks.list(&session, &query, &[]).await?;
    Export::new(listing, &query, &session)
}
