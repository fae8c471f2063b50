//! The query of an operation that has no parameters.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::parameters::Parameters;
use crate::http::error::ApiError;

/// There is no query. A client that sends one expects something that it does not get.
#[derive(Debug)]
pub struct NoParameters;

impl<S: Sync> FromRequestParts<S> for NoParameters {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Parameters::of(parts).finish(Self)
    }
}
