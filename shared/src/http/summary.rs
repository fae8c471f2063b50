//! The query of a summary.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::query::Parameters;
use crate::Error;
use crate::task::TimeZoneName;

/// The `time_zone` of the query, in which "today" is judged, if there is one.
#[derive(Debug)]
pub struct SummaryRequest(pub Option<TimeZoneName>);

impl<S: Sync> FromRequestParts<S> for SummaryRequest {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let mut parameters = Parameters::of(parts);
        let time_zone = parameters.one("time_zone");
        parameters.finish(Self(time_zone)).map_err(Error::Invalid)
    }
}
