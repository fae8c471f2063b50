//! The confirmation that a user is to be erased.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::parameters::Parameters;
use crate::http::error::ApiError;
use crate::http::invalid::InvalidField;
use crate::store::Session;

/// Who is to be erased, according to the client: the parameter `confirm`.
#[derive(Debug)]
pub struct Confirmation(Option<String>);

impl<S: Sync> FromRequestParts<S> for Confirmation {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        if parts.headers.contains_key("idempotency-key") {
            let detail = "cannot be honoured here: erasing also erases your keys";
            let field = InvalidField::header("Idempotency-Key", detail);
            return Err(ApiError::invalid(field));
        }
        let mut parameters = Parameters::of(parts);
        let confirm = parameters.one("confirm");
        parameters.finish(Self(confirm))
    }
}

impl Confirmation {
    /// Fails unless it names the caller by their id. `me`, which anybody could write, is not
    /// enough.
    pub fn require(&self, session: &Session) -> Result<(), ApiError> {
        if self.0.as_deref() == Some(session.user_id()) {
            return Ok(());
        }
        let detail = "must be your user ID: everything stored about you will be erased";
        Err(ApiError::invalid(InvalidField::parameter(
            "confirm", detail,
        )))
    }
}
