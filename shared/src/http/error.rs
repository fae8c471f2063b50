//! Everything that can go wrong with a request, and what the client is told about it.

use std::error::Error;

use axum::http::StatusCode;
use axum::http::header::{HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};

use super::challenge;
use super::invalid::InvalidField;
use super::problem::Problem;
use crate::auth::{Scope, Unauthenticated, VerifyError};
use crate::net::Chain;
use crate::store::StoreError;

/// Seconds after which a client may try again: enough for Neon to wake a suspended compute.
pub(super) const RETRY_AFTER_SECONDS: u16 = 2;

/// Why an operation failed. The messages are for clients; what clients must not learn is in the
/// source.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// There is no token, or it is not valid (RFC 6750 section 3).
    #[error(transparent)]
    Unauthenticated(#[from] Unauthenticated),
    /// The token's scopes do not allow the operation (RFC 6750 section 3.1).
    #[error("The token has scopes for tasks, but not `{}`.", .0.name())]
    InsufficientScope(Scope),
    /// The path names another user.
    #[error("The user ID in the path is not the subject of the token.")]
    Forbidden,
    /// The caller has no such task. Another user's task is no different from a missing one.
    #[error("You have no task with this ID.")]
    NotFound,
    /// The body is not a JSON object.
    #[error("The body {0}.")]
    Malformed(String),
    /// Fields, parameters or headers break a rule: all of those that do.
    #[error("{}", InvalidField::summary(.0))]
    Invalid(Vec<InvalidField>),
    /// The caller has as many tasks, or as much text, as one user may have.
    #[error(
        "You have as many tasks, or as much text in them, as you may have. \
         Delete some before you add more."
    )]
    QuotaExceeded,
    /// The caller already has a task with the id of the new one.
    #[error("You already have a task with this ID.")]
    AlreadyExists,
    /// Operations of an atomic batch failed, so nothing was changed: their positions, and why.
    #[error("Nothing was changed, because {}.", count_of_failed(.0.len()))]
    BatchFailed(Vec<(usize, ApiError)>),
    /// The task is not in a state that `If-Match` or `If-None-Match` allows (RFC 9110 section
    /// 15.5.13).
    #[error(
        "The condition in If-Match or If-None-Match is false for the task's current state. \
         Get the task and decide again."
    )]
    PreconditionFailed,
    /// The `Idempotency-Key` belongs to another request.
    #[error(
        "You have already sent a different request with this Idempotency-Key. \
         Use a new key for a new request."
    )]
    IdempotencyKeyReused,
    /// The body is larger than this many bytes.
    #[error("The body must have at most {0} bytes.")]
    TooLarge(usize),
    /// This header says that the body is not plain JSON.
    #[error("The body must be plain JSON: send `Content-Type: application/json`, not `{0}`.")]
    UnsupportedMediaType(String),
    /// The caller runs too many requests at once.
    #[error(
        "Too many of your requests are running at once. \
         Try again after the number of seconds in Retry-After."
    )]
    TooManyRequests,
    /// The database could not be reached or did not answer in time; or the issuer, while its keys
    /// are unknown or too old.
    #[error(
        "Part of the service did not answer. \
         Try again after the number of seconds in Retry-After."
    )]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// A defect.
    #[error("The request failed because of a defect in the service. The defect has been logged.")]
    Internal(#[source] Box<dyn Error + Send + Sync>),
}

fn count_of_failed(operations: usize) -> String {
    match operations {
        1 => "one operation failed".to_owned(),
        count => format!("{count} operations failed"),
    }
}

impl ApiError {
    /// One wrong field.
    pub(super) fn invalid(field: InvalidField) -> Self {
        Self::Invalid(vec![field])
    }

    /// A defect with this cause.
    pub(crate) fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }

    /// Each error's status, the name of its problem type (docs/problems.md) and its title.
    #[rustfmt::skip]
    fn kind(&self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::Unauthenticated(Unauthenticated::MissingToken) =>
                (S::UNAUTHORIZED, "missing-token", "The request is not authenticated"),
            Self::Unauthenticated(Unauthenticated::MalformedHeader) =>
                (S::BAD_REQUEST, "malformed-authorization", "The request is not authenticated"),
            Self::Unauthenticated(_) =>
                (S::UNAUTHORIZED, "invalid-token", "The request is not authenticated"),
            Self::InsufficientScope(_) =>
                (S::FORBIDDEN, "insufficient-scope", "The token does not allow this"),
            Self::Forbidden => (S::FORBIDDEN, "forbidden", "These are another user's tasks"),
            Self::NotFound => (S::NOT_FOUND, "not-found", "Task not found"),
            Self::Malformed(_) => (S::BAD_REQUEST, "malformed-body", "The body cannot be read"),
            Self::Invalid(_) => (S::BAD_REQUEST, "invalid-input", "The input is invalid"),
            Self::AlreadyExists => (S::CONFLICT, "already-exists", "The task already exists"),
            Self::QuotaExceeded =>
                (S::CONFLICT, "quota-exceeded", "You have as much as you may have"),
            Self::BatchFailed(_) => (S::CONFLICT, "batch-failed", "The batch failed"),
            Self::PreconditionFailed =>
                (S::PRECONDITION_FAILED, "precondition-failed", "The task has changed"),
            Self::IdempotencyKeyReused =>
                (S::UNPROCESSABLE_ENTITY, "idempotency-key-reused", "The key belongs to another request"),
            Self::TooLarge(_) => (S::PAYLOAD_TOO_LARGE, "too-large", "The body is too large"),
            Self::UnsupportedMediaType(_) =>
                (S::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "The content type is not supported"),
            Self::TooManyRequests =>
                (S::TOO_MANY_REQUESTS, "too-many-requests", "Too many requests at once"),
            Self::Unavailable(_) =>
                (S::SERVICE_UNAVAILABLE, "unavailable", "The service is temporarily unavailable"),
            Self::Internal(_) =>
                (S::INTERNAL_SERVER_ERROR, "internal", "Something is wrong on our side"),
        }
    }

    /// What the client is told.
    pub(super) fn problem(self) -> Problem {
        let (status, name, title) = self.kind();
        let detail = self.to_string();
        let errors = match self {
            Self::Invalid(fields) => fields,
            Self::BatchFailed(failed) => failed.into_iter().map(failed_operation).collect(),
            _ => Vec::new(),
        };
        Problem::new(status, name, title, detail, errors)
    }

    fn challenge(&self) -> Option<HeaderValue> {
        match self {
            Self::Unauthenticated(why) => Some(challenge::unauthenticated(*why)),
            Self::InsufficientScope(required) => Some(challenge::insufficient_scope(*required)),
            _ => None,
        }
    }
}

fn failed_operation((index, error): (usize, ApiError)) -> InvalidField {
    let problem = error.problem();
    InvalidField::operation(index, problem.status, problem.detail)
}

impl From<VerifyError> for ApiError {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Unauthenticated(why) => Self::Unauthenticated(why),
            VerifyError::IssuerUnavailable => Self::Unavailable(Box::new(error)),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::AlreadyExists => Self::AlreadyExists,
            StoreError::QuotaExceeded => Self::QuotaExceeded,
            StoreError::PreconditionFailed => Self::PreconditionFailed,
            StoreError::IdempotencyKeyReused => Self::IdempotencyKeyReused,
            StoreError::BatchFailed(failed) => {
                let failed = failed.into_iter();
                Self::BatchFailed(failed.map(|(index, error)| (index, error.into())).collect())
            }
            StoreError::Busy => Self::TooManyRequests,
            StoreError::Unavailable(cause) => Self::Unavailable(cause),
            StoreError::Defect(cause) => Self::Internal(cause),
        }
    }
}

/// The cause of a 5xx, for the log line. It travels as an extension of the response.
#[derive(Clone, Debug)]
pub(crate) struct Cause(pub(crate) String);

impl Cause {
    /// The cause of the error, with its own causes.
    pub(super) fn of(error: &dyn Error) -> Option<Self> {
        Some(Self(Chain(error.source()?).to_string()))
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let challenge = self.challenge();
        let retry = matches!(self, Self::TooManyRequests | Self::Unavailable(_));
        let cause = Cause::of(&self);

        let mut response = self.problem().into_response();
        if let Some(challenge) = challenge {
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        if retry {
            let seconds = HeaderValue::from(RETRY_AFTER_SECONDS);
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        if let Some(cause) = cause {
            response.extensions_mut().insert(cause);
        }
        response
    }
}
