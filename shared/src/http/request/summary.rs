//! The query of a summary.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::parameters::Parameters;
use crate::domain::TimeZoneName;
use crate::http::error::ApiError;

/// The `time_zone` of the query, which says what "today" is.
#[derive(Debug)]
pub struct SummaryRequest(pub Option<TimeZoneName>);

impl<S: Sync> FromRequestParts<S> for SummaryRequest {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let mut parameters = Parameters::of(parts);
        let time_zone = parameters.one("time_zone");
        parameters.finish(Self(time_zone))
    }
}
