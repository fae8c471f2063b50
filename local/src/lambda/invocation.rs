//! One invocation.

use std::time::Duration;

use axum::body::Bytes;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::InvokeError;

/// The answer of a function, or why there is none.
pub(super) type Outcome = Result<Bytes, InvokeError>;

/// An event on its way to a function, and the way back to its caller.
pub(super) struct Invocation {
    pub(super) request_id: String,
    pub(super) event: Bytes,
    pub(super) trace: String,
    /// None when the caller has its answer.
    reply: Option<oneshot::Sender<Outcome>>,
}

impl Invocation {
    pub(super) fn new(event: Bytes, trace: &str, reply: oneshot::Sender<Outcome>) -> Self {
        let request_id = Uuid::new_v4().to_string();
        Self {
            request_id,
            event,
            trace: trace.to_owned(),
            reply: Some(reply),
        }
    }

    /// Answers the caller, who may have stopped waiting. Only the first answer counts.
    pub(super) fn reply(&mut self, outcome: Outcome) {
        if let Some(reply) = self.reply.take() {
            let _ = reply.send(outcome);
        }
    }

    /// Whether the caller has no answer yet.
    pub(super) fn is_awaited(&self) -> bool {
        self.reply.is_some()
    }

    /// What the runtime gets of it.
    pub(super) fn delivery(&self, function: &str, timeout: Duration) -> Delivery {
        Delivery {
            event: self.event.clone(),
            request_id: self.request_id.clone(),
            trace: self.trace.clone(),
            function: function.to_owned(),
            timeout,
        }
    }
}

/// The answer to `invocation/next`.
pub(super) struct Delivery {
    pub(super) event: Bytes,
    pub(super) request_id: String,
    pub(super) trace: String,
    pub(super) function: String,
    pub(super) timeout: Duration,
}

/// A new trace id, as X-Ray has them: version, epoch in hexadecimal, 96 random bits.
/// <https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html>
pub(crate) fn new_trace() -> String {
    let random = Uuid::new_v4().simple().to_string();
    let seconds = jiff::Timestamp::now().as_second();
    format!("Root=1-{seconds:08x}-{}", &random[..24])
}
