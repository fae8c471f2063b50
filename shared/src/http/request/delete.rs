//! How a task is to be deleted.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::parameters::Parameters;
use crate::http::error::ApiError;

/// Whether a task is deleted for good: the parameter `permanent`. Otherwise it goes to the trash.
#[derive(Debug)]
pub struct Permanently(pub bool);

impl<S: Sync> FromRequestParts<S> for Permanently {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let mut parameters = Parameters::of(parts);
        let permanent = parameters.one("permanent").unwrap_or_default();
        parameters.finish(Self(permanent))
    }
}
