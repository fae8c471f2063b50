//! Why a request is not authenticated.

/// Why there is no caller. The messages are for clients.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Unauthenticated {
    /// There is no Authorization header, or one of another scheme.
    #[error("The request has no token: send `Authorization: Bearer <token>`.")]
    MissingToken,
    /// There is more than one Authorization header, or one that is not `Bearer` and a token.
    #[error(
        "The Authorization header is malformed: send exactly one, `Authorization: Bearer <token>`."
    )]
    MalformedHeader,
    /// The token was not signed with one of our keys, or has been changed since.
    #[error("The token is not valid: its signature is wrong.")]
    InvalidSignature,
    /// The token is not a JWT, or has properties that this service does not know.
    #[error("The token is not valid: it is not a signed JWT that this service understands.")]
    InvalidToken,
    /// None of our keys has the token's `kid` and fits its `alg`.
    #[error("The token is not valid: this service has no key with its `kid` for its `alg`.")]
    UnknownKey,
    /// `exp` has passed.
    #[error("The token has expired.")]
    Expired,
    /// `nbf` or `iat` is in the future.
    #[error("The token is not valid yet.")]
    NotYetValid,
    /// The time from `iat` to `exp` is longer than the service allows.
    #[error("The token is not valid: it lives longer than this service allows.")]
    LivesTooLong,
    /// A claim that the service needs is missing or wrong.
    #[error("The token is not valid: its claim `{0}` is missing or wrong.")]
    InvalidClaim(&'static str),
}

/// Why a token could not be verified.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum VerifyError {
    /// The token is not valid.
    #[error(transparent)]
    Unauthenticated(#[from] Unauthenticated),
    /// The issuer has never been reached, or not for too long, so nobody knows whether the token is
    /// valid.
    #[error("the issuer's keys are unknown or too old")]
    IssuerUnavailable,
}
