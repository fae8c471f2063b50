//! The query of an operation that has no parameters.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::parameters::Parameters;
use crate::http::error::ApiError;

/// The operation takes no query parameters: a client that sends any expects something that it would
/// not get.
#[derive(Debug)]
pub struct NoParameters;

impl<S: Sync> FromRequestParts<S> for NoParameters {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Parameters::of(parts).finish(Self)
    }
}
