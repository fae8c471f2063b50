//! Challenges: the value of `WWW-Authenticate` (RFC 6750 section 3).

use std::fmt::Display;

use axum::http::header::HeaderValue;

use crate::auth::{Scope, Unauthenticated};

const REALM: &str = "tasks";

/// Has an error code only if the request has credentials.
pub(super) fn unauthenticated(why: Unauthenticated) -> HeaderValue {
    let code = match why {
        Unauthenticated::MissingToken => return challenge(format_args!("")),
        Unauthenticated::MalformedHeader => "invalid_request",
        _ => "invalid_token",
    };
    challenge(format_args!(
        ", error=\"{code}\", error_description=\"{why}\""
    ))
}

/// Names the scope that is missing.
pub(super) fn insufficient_scope(required: Scope) -> HeaderValue {
    let scope = required.name();
    challenge(format_args!(
        ", error=\"insufficient_scope\", scope=\"{scope}\""
    ))
}

fn challenge(parameters: impl Display) -> HeaderValue {
    let challenge = format!("Bearer realm=\"{REALM}\"{parameters}");
    // Our own texts: visible ASCII without quotes.
    HeaderValue::try_from(challenge).unwrap_or_else(|_| HeaderValue::from_static("Bearer"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_has_an_error_code_only_if_credentials_were_sent() {
        let missing = unauthenticated(Unauthenticated::MissingToken);
        assert_eq!(missing, "Bearer realm=\"tasks\"");
        assert_eq!(
            unauthenticated(Unauthenticated::Expired),
            "Bearer realm=\"tasks\", error=\"invalid_token\", error_description=\"The token has expired.\""
        );
    }

    #[test]
    fn every_description_fits_the_grammar_of_rfc_6750() {
        use Unauthenticated::*;
        for why in [
            MalformedHeader,
            InvalidSignature,
            InvalidToken,
            UnknownKey,
            Expired,
            LivesTooLong,
            NotYetValid,
            InvalidClaim("sub"),
        ] {
            let allowed = |byte: u8| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e);
            assert!(why.to_string().bytes().all(allowed), "{why}");
        }
    }
}
