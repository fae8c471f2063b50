//! Why a request is not authenticated, and how RFC 6750 section 3 has it answered.

use axum::http::StatusCode;

use super::Scope;
use axum::http::header::HeaderValue;

const REALM: &str = "tasks";

/// Why there is no caller.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Unauthenticated {
    /// No Authorization header, or one of another scheme.
    #[error("The request carries no token: send `Authorization: Bearer <token>`.")]
    MissingToken,
    /// More than one Authorization header, or one that is no `Bearer` and a token.
    #[error(
        "The Authorization header is malformed: send exactly one, `Authorization: Bearer <token>`."
    )]
    MalformedHeader,
    /// The token was not signed by a key of ours, or was changed since.
    #[error("The token is not valid: its signature is wrong.")]
    InvalidSignature,
    /// The token is no JWT, or none that we can trust to understand.
    #[error("The token is not valid: it is no signed JWT that this service understands.")]
    InvalidToken,
    /// No key of ours fits the token's `kid` and `alg`.
    #[error("The token is not valid: this service knows no key with its `kid` for its `alg`.")]
    UnknownKey,
    /// `exp` is over.
    #[error("The token has expired.")]
    Expired,
    /// `nbf` or `iat` is not reached.
    #[error("The token is not valid yet.")]
    NotYetValid,
    /// From `iat` to `exp` is longer than the service allows.
    #[error("The token is not valid: it lives longer than this service allows.")]
    LivesTooLong,
    /// A claim that we need is missing or is not what it must be.
    #[error("The token is not valid: its claim `{0}` is missing or wrong.")]
    InvalidClaim(&'static str),
}

impl Unauthenticated {
    /// 400 for a malformed request, else 401 (RFC 6750 section 3.1).
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::MalformedHeader => StatusCode::BAD_REQUEST,
            _ => StatusCode::UNAUTHORIZED,
        }
    }

    /// The problem's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::MissingToken => "missing-token",
            Self::MalformedHeader => "malformed-authorization",
            _ => "invalid-token",
        }
    }

    /// The value of `WWW-Authenticate`: without an error code when there were no credentials at all.
    pub(crate) fn challenge(self) -> HeaderValue {
        let code = match self {
            Self::MissingToken => None,
            Self::MalformedHeader => Some("invalid_request"),
            _ => Some("invalid_token"),
        };
        let challenge = match code {
            None => format!("Bearer realm=\"{REALM}\""),
            Some(code) => {
                format!("Bearer realm=\"{REALM}\", error=\"{code}\", error_description=\"{self}\"")
            }
        };
        // Our own texts: visible ASCII without quotes.
        HeaderValue::try_from(challenge).unwrap_or_else(|_| HeaderValue::from_static("Bearer"))
    }
}

impl Scope {
    /// The value of `WWW-Authenticate` when this scope is missing.
    pub(crate) fn challenge(self) -> HeaderValue {
        let challenge = format!(
            "Bearer realm=\"{REALM}\", error=\"insufficient_scope\", scope=\"{}\"",
            self.name()
        );
        HeaderValue::try_from(challenge).unwrap_or_else(|_| HeaderValue::from_static("Bearer"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_has_an_error_code_only_when_credentials_were_sent() {
        assert_eq!(
            Unauthenticated::MissingToken.challenge(),
            "Bearer realm=\"tasks\""
        );
        assert_eq!(
            Unauthenticated::Expired.challenge(),
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
