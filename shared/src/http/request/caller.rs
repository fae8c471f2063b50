//! The caller of an operation.

use std::borrow::Cow;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use lambda_http::RequestExt;
use percent_encoding::percent_decode_str;

use super::invocation::Invocation;
use crate::auth::{Scope, Verifier, bearer};
use crate::http::error::ApiError;
use crate::store::Session;

/// The session of a user whose token has been verified and whose own path was called.
#[derive(Debug)]
pub struct Caller(pub Session);

impl<S> FromRequestParts<S> for Caller
where
    S: Send + Sync,
    Verifier: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Ok(invocation) = Invocation::from_request_parts(parts, state).await;
        let token = bearer::token(&parts.headers)?;
        let identity = Verifier::from_ref(state).verify(token).await?;
        invocation.set_subject(&identity.subject);
        let required = if parts.method.is_safe() {
            Scope::Read
        } else {
            Scope::Write
        };
        if identity.scope < required {
            return Err(ApiError::InsufficientScope(required));
        }
        let user_id = identity.subject;
        let parameters = parts.path_parameters_ref();
        match parameters.and_then(|parameters| parameters.first("user_id")) {
            Some(parameter) if names(parameter, &user_id) => {
                Ok(Self(Session::new(user_id, invocation.budget().clone())))
            }
            _ => Err(ApiError::Forbidden),
        }
    }
}

/// The path parameter that stands for the caller.
const ME: &str = "me";

/// Whether a path parameter names the user.
///
/// Whether API Gateway decodes path parameters is not documented, and local tools differ. Comparing
/// both forms is safe: either way the parameter must equal the token's subject.
fn names(parameter: &str, user_id: &str) -> bool {
    let decoded: Cow<'_, [u8]> = percent_decode_str(parameter).into();
    parameter == ME || parameter == user_id || *decoded == *user_id.as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_names_its_user_literally_or_percent_encoded() {
        for (parameter, user_id) in [
            ("auth0|5f7", "auth0|5f7"),
            ("auth0%7C5f7", "auth0|5f7"),
            ("me%40example.com", "me@example.com"),
            ("100%", "100%"),
            ("100%25", "100%"),
            ("%41", "%41"),
            ("%2541", "%41"),
            ("%C3%BC", "ü"),
            ("a%2Fb", "a/b"),
            ("me", "ann"),
        ] {
            assert!(names(parameter, user_id), "{parameter} {user_id}");
        }
    }

    #[test]
    fn a_parameter_names_nobody_else() {
        for (parameter, user_id) in [
            ("b", "a"),
            ("ME", "a"),
            ("m%65", "a"),
            ("A", "a"),
            ("a ", "a"),
            ("%FF", "\u{fffd}"),
            ("%2541", "A"),
            ("", "a"),
        ] {
            assert!(!names(parameter, user_id), "{parameter} {user_id}");
        }
    }
}
