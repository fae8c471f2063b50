//! The query of the trash.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::limit::Limit;
use super::parameters::Parameters;
use crate::http::error::ApiError;

/// Which page of the trash is asked for.
#[derive(Debug)]
pub struct TrashRequest {
    /// The version of the deletion after which the page begins: its cursor.
    pub after: Option<i64>,
    /// The maximum number of tasks on a page.
    pub limit: u16,
}

impl<S: Sync> FromRequestParts<S> for TrashRequest {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let mut parameters = Parameters::of(parts);
        let cursor = parameters.one::<String>("cursor");
        let after = cursor.map(|cursor| i64::from_str_radix(&cursor, 16));
        if after.as_ref().is_some_and(Result::is_err) {
            parameters.refuse("cursor", "does not belong to the trash");
        }
        let Limit(limit) = parameters.one("limit").unwrap_or_default();
        let after = after.and_then(Result::ok);
        parameters.finish(Self { after, limit })
    }
}
