//! The query of the feed of changes.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::limit::Limit;
use super::parameters::Parameters;
use super::position;
use crate::domain::Position;
use crate::http::error::ApiError;

/// Which page of the feed is asked for.
#[derive(Debug)]
pub struct FeedRequest {
    /// How far the client has read.
    pub position: Position,
    /// The maximum number of changes on a page.
    pub limit: u16,
}

impl<S: Sync> FromRequestParts<S> for FeedRequest {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let mut parameters = Parameters::of(parts);
        let since = parameters.one::<String>("since");
        let position = match since.as_deref().map(position::decode) {
            None => Position::Nothing,
            Some(position) => position.unwrap_or_else(|| {
                parameters.refuse("since", "must be the `cursor` of an answer of this feed");
                Position::Nothing
            }),
        };
        let Limit(limit) = parameters.one("limit").unwrap_or_default();
        parameters.finish(Self { position, limit })
    }
}
