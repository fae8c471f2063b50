//! Requests as API Gateway gives them to functions: the sample events, for another user and another
//! task.

use std::time::Duration;

use anyhow::Result;

use axum::body::Bytes;
use serde_json::{Value, json};
use testbed::sample::SampleEvent;
use uuid::Uuid;

/// The secret that signs tokens.
pub(crate) const SECRET: &str = "the secret of a benchmark, at least 32 bytes";

/// A user who sends requests.
pub(crate) struct Sender {
    user_id: String,
    token: String,
}

impl Sender {
    pub(crate) fn new(user_id: &str) -> Result<Self> {
        let token = local::token::mint(SECRET, user_id, Duration::from_hours(24))?;
        Ok(Self {
            user_id: user_id.to_owned(),
            token,
        })
    }

    pub(crate) fn user_id(&self) -> &str {
        &self.user_id
    }

    /// A request to an operation; the floor, which is none, gets one to `get-task`.
    pub(crate) fn request(&self, operation: &str) -> Result<BenchEvent> {
        let is_floor = operation == crate::programs::FLOOR;
        let event = SampleEvent::read(if is_floor { "get-task" } else { operation })?
            .path_parameter("user_id", &self.user_id)
            .without_header("authorization")
            .header("authorization", &format!("Bearer {}", self.token));
        Ok(BenchEvent(event))
    }
}

/// A request.
pub(crate) struct BenchEvent(SampleEvent);

impl BenchEvent {
    /// About this task.
    pub(crate) fn task(self, id: Uuid) -> Self {
        Self(self.0.path_parameter("task_id", &id.to_string()))
    }

    pub(crate) fn query(self, query: &str) -> Self {
        Self(self.0.query(query))
    }

    /// With this body.
    pub(crate) fn json(self, body: &Value) -> Self {
        Self(self.0.body(Some(body.to_string().as_bytes())))
    }

    pub(crate) fn without_body(self) -> Self {
        Self(self.0.body(None))
    }

    /// With the body that gives a task the title number `n`.
    pub(crate) fn titled(self, n: usize) -> Self {
        self.json(&json!({ "title": title(n) }))
    }

    pub(crate) fn bytes(self) -> Bytes {
        self.0.into_value().to_string().into()
    }
}

/// The title number `n`.
pub(crate) fn title(n: usize) -> String {
    format!("Changed {n}")
}
