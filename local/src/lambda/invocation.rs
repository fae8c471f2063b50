//! An invocation: its event, and its result or why it has none.

use std::time::Duration;

use axum::body::Bytes;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use uuid::Uuid;

use super::variables::REGION;
use crate::template::Function;

/// A function's response, or why there is none.
pub type InvokeResult = Result<Bytes, InvokeError>;

/// An event on its way to a function.
pub struct PendingInvocation {
    pub(super) request_id: String,
    event: Bytes,
    trace: String,
}

impl PendingInvocation {
    /// An event, and the trace that it belongs to (`Root=1-...`).
    #[must_use]
    pub fn new(event: Bytes, trace: &str) -> Self {
        let (request_id, trace) = (Uuid::new_v4().to_string(), trace.to_owned());
        Self {
            request_id,
            event,
            trace,
        }
    }

    /// The response to `GET /runtime/invocation/next` that delivers it.
    #[must_use]
    pub fn delivery(&self, function: &Function) -> Response {
        let now = Duration::try_from(jiff::Timestamp::now().as_duration()).unwrap_or_default();
        let deadline = (now + function.timeout).as_millis().to_string();
        let arn = format!(
            "arn:aws:lambda:{REGION}:123456789012:function:{}",
            function.binary
        );
        let trace = format!("{};Parent=0000000000000000;Sampled=0", self.trace);
        let headers = [
            ("content-type", "application/json"),
            ("lambda-runtime-aws-request-id", &self.request_id),
            ("lambda-runtime-deadline-ms", &deadline),
            ("lambda-runtime-invoked-function-arn", &arn),
            ("lambda-runtime-trace-id", &trace),
        ];
        (headers, self.event.clone()).into_response()
    }
}

/// A new X-Ray trace id: version, epoch in hexadecimal, 96 random bits.
/// <https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html>
pub(crate) fn new_trace() -> String {
    let random = Uuid::new_v4().simple().to_string();
    let seconds = jiff::Timestamp::now().as_second();
    format!("Root=1-{seconds:08x}-{}", &random[..24])
}

/// Why an invocation has no response.
#[derive(Clone, Debug, thiserror::Error)]
pub enum InvokeError {
    /// There is no such function (`ResourceNotFoundException`).
    #[error("there is no such function")]
    NotFound,
    /// Every environment that the function may have is busy (`TooManyRequestsException`).
    #[error("Rate Exceeded.")]
    Throttled,
    /// The event is too long (`RequestTooLargeException`); its length in bytes.
    #[error(
        "{0} byte payload is too large for the RequestResponse invocation type (limit {limit} bytes)",
        limit = super::EVENT_LIMIT
    )]
    RequestTooLarge(usize),
    /// The function failed, crashed or took too long.
    #[error("{0}")]
    Function(#[from] FunctionError),
    /// The service was stopped.
    #[error("the emulated Lambda service was stopped")]
    Stopped,
}

impl InvokeError {
    /// What the REPORT line says about an environment that ended in this way.
    pub(super) fn status(&self) -> String {
        match self {
            Self::Function(error) if error.error_type != "Sandbox.Timedout" => {
                format!("error\tError Type: {}", error.error_type)
            }
            _ => "timeout".to_owned(),
        }
    }
}

/// What the caller of a failed function gets, with `X-Amz-Function-Error: Unhandled`. The runtime
/// reports its own errors in this form.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, thiserror::Error)]
#[error("{error_type}: {message}")]
#[serde(rename_all = "camelCase", default)]
pub struct FunctionError {
    /// Such as `Sandbox.Timedout`, `Runtime.ExitError` or the function's own.
    pub error_type: String,
    /// What happened.
    #[serde(rename = "errorMessage")]
    pub message: String,
}

impl FunctionError {
    /// An error that Lambda itself raises.
    pub(super) fn new(error_type: &str, message: String) -> Self {
        let error_type = error_type.to_owned();
        Self {
            error_type,
            message,
        }
    }

    /// The runtime ended.
    pub(super) fn exit(request_id: &str, status: &str) -> Self {
        let message = format!("RequestId: {request_id} Error: Runtime exited with error: {status}");
        Self::new("Runtime.ExitError", message)
    }

    pub(super) fn timeout(request_id: &str, limit: Duration) -> Self {
        let seconds = format!("{:.2} seconds", limit.as_secs_f64());
        let message = format!("RequestId: {request_id} Error: Task timed out after {seconds}");
        Self::new("Sandbox.Timedout", message)
    }

    pub(super) fn response_too_large() -> Self {
        let limit = format!("({} bytes)", super::RESPONSE_LIMIT);
        let message =
            format!("Response payload size exceeded maximum allowed payload size {limit}.");
        Self::new("Function.ResponseSizeTooLarge", message)
    }
}
