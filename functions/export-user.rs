//! `GET /api/v1/{user_id}/export`: everything that is stored of the caller, to take along.

use shared::{Answer, Caller, Export, ExportRequest, StartError, State, Tasks, serve};

fn main() -> Result<(), StartError> {
    serve(export_user)
}

/// Answers 200 with a document of the caller's tasks, oldest first, or as many as fit into 6 MB and where the rest is.
pub async fn export_user(
    caller: Caller,
    ExportRequest(query): ExportRequest,
    State(tasks): State<Tasks>,
) -> Answer<Export> {
    let page = tasks.list(&caller, &query).await?;
    Export::new(&page, &query, &caller)
}
