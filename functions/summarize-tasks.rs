//! `GET /api/v1/{user_id}/tasks/summary`: how many tasks the caller has, by what a dashboard shows.

use shared::domain::Summary;
use shared::http::{ApiError, Caller, Json, SummaryRequest};
use shared::runtime::{StartError, State, operation, serve};
use shared::store::Tasks;

fn main() -> Result<(), StartError> {
    serve(operation!(), summarize_tasks)
}

/// Answers 200 with the counts.
pub async fn summarize_tasks(
    Caller(session): Caller,
    SummaryRequest(time_zone): SummaryRequest,
    State(tasks): State<Tasks>,
) -> Result<Json<Summary>, ApiError> {
    let summary = tasks.summarize(&session, time_zone.as_ref()).await?;
    Ok(Json(summary))
}
