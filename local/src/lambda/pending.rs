//! An invocation on its way to a function.

use std::time::Duration;

use axum::body::Bytes;
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use super::InvokeError;
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
