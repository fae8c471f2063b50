//! `GET /api/v1/{user_id}/changes`: what has changed, for a client that keeps a copy.

use shared::http::{ApiError, Caller, Feed, FeedRequest};
use shared::runtime::{StartError, State, operation, serve};
use shared::store::Tasks;

fn main() -> Result<(), StartError> {
    serve(operation!(), list_changes)
}

/// Answers 200 with the changes since the client's cursor, or with everything without one.
pub async fn list_changes(
    Caller(session): Caller,
    FeedRequest { position, limit }: FeedRequest,
    State(tasks): State<Tasks>,
) -> Result<Feed, ApiError> {
    let page = tasks.feed(&session, &position, limit).await?;
    Ok(Feed::new(page))
}
