//! `GET /api/v1/{user_id}/tasks/summary`: how many tasks the caller has, by what a dashboard shows.

use shared::{Answer, Caller, Json, StartError, State, Summary, SummaryRequest, Tasks, serve};

fn main() -> Result<(), StartError> {
    serve(summarize_tasks)
}

/// Answers 200 with the counts.
pub async fn summarize_tasks(
    caller: Caller,
    SummaryRequest(time_zone): SummaryRequest,
    State(tasks): State<Tasks>,
) -> Answer<Json<Summary>> {
    tasks.summarize(&caller, time_zone.as_ref()).await.map(Json)
}
