//! Everything that can go wrong, and what the client is told of it.

use std::fmt;

use axum::http::StatusCode;
use axum::http::header::{HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};

use crate::auth::{Scope, Unauthenticated};
use crate::http::InvalidField;
use crate::problem::Problem;

/// What an operation answers.
pub type Answer<T> = Result<T, Error>;

/// Seconds after which a client may try again: about what Neon takes to wake a suspended compute.
pub(crate) const RETRY_AFTER_SECONDS: u16 = 2;

/// Why an operation failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// 401, or 400 for a malformed header: no token, or a bad one (RFC 6750 section 3).
    #[error(transparent)]
    Unauthenticated(#[from] Unauthenticated),
    /// 403: the token's scopes do not allow the operation (RFC 6750 section 3.1).
    #[error("the token has not the scope {}", .0.name())]
    InsufficientScope(Scope),
    /// 403: the path names another user.
    #[error("the path names another user than the token")]
    Forbidden,
    /// 404: the caller has no such task. Another user's task looks the same as none.
    #[error("there is no such task")]
    NotFound,
    /// 400: the body is no JSON object.
    #[error("the body {0}")]
    Malformed(String),
    /// 400: fields or parameters that break a rule, all of them.
    #[error("{} fields are invalid", .0.len())]
    Invalid(Vec<InvalidField>),
    /// 409: the caller has a task of the id that a new one was to have.
    #[error("there is such a task already")]
    AlreadyExists,
    /// 409: operations of an atomic batch failed, so that nothing is done: their places, and why.
    #[error("{} operations failed", .0.len())]
    BatchFailed(Vec<(usize, Error)>),
    /// 412: the task is not as the request's `If-Match` or `If-None-Match` says (RFC 9110 section 15.5.13).
    #[error("the precondition failed")]
    PreconditionFailed,
    /// 422: the `Idempotency-Key` belongs to another request.
    #[error("the key belongs to another request")]
    IdempotencyKeyReused,
    /// 413: the body is larger than any task can be.
    #[error("the body has more than {limit} bytes")]
    TooLarge {
        /// The most bytes that a body may have.
        limit: usize,
    },
    /// 415: the body is not said to be plain JSON, but something else by this header.
    #[error("the body has {0}")]
    UnsupportedMediaType(String),
    /// 503: the database (or the issuer, while none of its keys is known) could not be reached, or not in
    /// time. The cause is logged, never sent.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// 500: a bug. The cause is logged, never sent.
    #[error("{0}")]
    Internal(String),
}

/// The cause of a 5xx, for the log line; it travels as an extension of the response.
#[derive(Clone, Debug)]
pub(crate) struct Cause(pub(crate) String);

impl Error {
    pub(crate) fn problem(self) -> Problem {
        match self {
            Self::Unauthenticated(why) => {
                Problem::new(why.status(), why.name(), "The request is not authenticated", why.to_string())
            }
            Self::InsufficientScope(required) => Problem::new(
                StatusCode::FORBIDDEN,
                "insufficient-scope",
                "The token does not allow this",
                format!("The token has scopes of tasks, but not `{}`.", required.name()),
            ),
            Self::Forbidden => Problem::new(
                StatusCode::FORBIDDEN,
                "forbidden",
                "These are another user's tasks",
                "The user id in the path is not the subject of the token.".into(),
            ),
            Self::NotFound => Problem::new(
                StatusCode::NOT_FOUND,
                "not-found",
                "There is no such task",
                "You have no task with this id.".into(),
            ),
            Self::Malformed(reason) => Problem::new(
                StatusCode::BAD_REQUEST,
                "malformed-body",
                "The body cannot be read",
                format!("The body {reason}."),
            ),
            Self::Invalid(errors) => {
                let detail = InvalidField::summary(&errors);
                Problem::new(StatusCode::BAD_REQUEST, "invalid-input", "The input is invalid", detail)
                    .with_errors(errors)
            }
            Self::AlreadyExists => Problem::new(
                StatusCode::CONFLICT,
                "already-exists",
                "There is such a task already",
                "You have a task with this id.".into(),
            ),
            Self::BatchFailed(failed) => batch_failed(failed),
            Self::PreconditionFailed => Problem::new(
                StatusCode::PRECONDITION_FAILED,
                "precondition-failed",
                "The task is not as you think",
                "If-Match or If-None-Match does not hold for the task as it is now. Get it, and decide again.".into(),
            ),
            Self::IdempotencyKeyReused => Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency-key-reused",
                "The key belongs to another request",
                "You have sent another body with this Idempotency-Key. A new request needs a new key.".into(),
            ),
            Self::TooLarge { limit } => Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too-large",
                "The body is too large",
                format!("The body must have at most {limit} bytes."),
            ),
            Self::UnsupportedMediaType(header) => Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported-media-type",
                "The content type is not supported",
                format!(
                    "The body must be plain JSON: send `Content-Type: application/json`, not `{header}`."
                ),
            ),
            Self::Unavailable(_) => Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "The service is unavailable for a moment",
                "A part of the service did not answer. Try again after the seconds that Retry-After tells."
                    .into(),
            ),
            Self::Internal(_) => Problem::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "Something is wrong on our side",
                "The request failed because of a defect of the service, which has been logged.".into(),
            ),
        }
    }
}

fn batch_failed(failed: Vec<(usize, Error)>) -> Problem {
    let detail = match failed.len() {
        1 => "Nothing is done, since one operation failed.".into(),
        count => format!("Nothing is done, since {count} operations failed."),
    };
    let errors = failed.into_iter().map(|(index, error)| {
        let problem = error.problem();
        InvalidField::operation(index, problem.status, problem.detail)
    });
    Problem::new(
        StatusCode::CONFLICT,
        "batch-failed",
        "The batch failed",
        detail,
    )
    .with_errors(errors.collect())
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let challenge = match &self {
            Self::Unauthenticated(why) => Some(why.challenge()),
            Self::InsufficientScope(required) => Some(required.challenge()),
            _ => None,
        };
        let retry = matches!(self, Self::Unavailable(_));
        let cause = matches!(self, Self::Unavailable(_) | Self::Internal(_))
            .then(|| Cause(self.to_string()));

        let mut response = self.problem().into_response();
        if let Some(challenge) = challenge {
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        if retry {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS));
        }
        if let Some(cause) = cause {
            response.extensions_mut().insert(cause);
        }
        response
    }
}

/// An error with the errors that caused it, on one line.
pub(crate) struct Chain<'a>(pub(crate) &'a dyn std::error::Error);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}
