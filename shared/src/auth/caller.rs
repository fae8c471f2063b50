//! The caller of an operation.

use std::borrow::Cow;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use lambda_http::RequestExt;
use percent_encoding::percent_decode_str;

use super::{Scope, Verifier, bearer};
use crate::{Error, Invocation};

/// A user whose token was verified and whose own path was called. There is no other way to get one:
/// what touches tasks takes a `Caller`, so it cannot be written without authentication.
#[derive(Debug)]
pub struct Caller {
    user_id: String,
    invocation: Invocation,
}

impl Caller {
    /// The subject of the caller's token: an opaque string of 1 to 255 characters.
    #[must_use]
    pub fn user_id(&self) -> &str {
        &self.user_id
    }

    /// The invocation that the caller waits for.
    #[must_use]
    pub fn invocation(&self) -> &Invocation {
        &self.invocation
    }
}

impl<S> FromRequestParts<S> for Caller
where
    S: Send + Sync,
    Verifier: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
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
            return Err(Error::InsufficientScope(required));
        }
        let user_id = identity.subject;

        let parameters = parts.path_parameters_ref();
        match parameters.and_then(|parameters| parameters.first("user_id")) {
            Some(parameter) if names(parameter, &user_id) => Ok(Self {
                user_id,
                invocation,
            }),
            _ => Err(Error::Forbidden),
        }
    }
}

/// The path parameter that names the caller, whoever that is.
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
    fn a_parameter_names_its_user_as_it_is_or_percent_decoded() {
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
