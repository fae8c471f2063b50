//! Requests as API Gateway gives them to functions: the sample events, as another user and of another task.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use axum::body::Bytes;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::BenchError;

/// The secret that tokens are signed with.
pub(crate) const SECRET: &str = "the secret of a benchmark, at least 32 bytes";

/// The sample events, and a token for each user.
pub(crate) struct Events {
    samples: HashMap<String, Value>,
    user: String,
    token: String,
}

impl Events {
    /// Events of a user.
    pub(crate) fn of(root: &Path, user: &str) -> Result<Self, BenchError> {
        let mut samples = HashMap::new();
        for file in fs::read_dir(root.join("tests/events"))? {
            let path = file?.path();
            let name = path
                .file_stem()
                .and_then(|name| name.to_str())
                .unwrap_or_default()
                .to_owned();
            samples.insert(name, serde_json::from_slice(&fs::read(&path)?)?);
        }
        let token = local::token::mint(SECRET, user, Duration::from_hours(24))?;
        Ok(Self {
            samples,
            user: user.to_owned(),
            token,
        })
    }

    /// Whose events they are.
    pub(crate) fn user(&self) -> &str {
        &self.user
    }

    /// A request to an operation.
    pub(crate) fn request(&self, operation: &str) -> Event {
        let mut event = self.samples.get(operation).cloned().unwrap_or_default();
        event["headers"]["authorization"] = json!(format!("Bearer {}", self.token));
        if event["pathParameters"]["user_id"].is_string() {
            event["pathParameters"]["user_id"] = json!(self.user);
        }
        Event(event)
    }
}

/// A request.
pub(crate) struct Event(Value);

impl Event {
    /// It is about this task.
    pub(crate) fn task(mut self, id: Uuid) -> Self {
        self.0["pathParameters"]["task_id"] = json!(id);
        self
    }

    /// With a query, of words that need no encoding.
    pub(crate) fn query(mut self, query: &str) -> Self {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        self.0["queryStringParameters"] = pairs.collect::<HashMap<_, _>>().into_iter().collect();
        self.0["rawQueryString"] = json!(query);
        self
    }

    /// With a body, or with none.
    pub(crate) fn body(mut self, body: Option<&Value>) -> Self {
        let text = body.map(ToString::to_string);
        self.0["headers"]["content-length"] =
            json!(text.as_ref().map_or(0, String::len).to_string());
        self.0["body"] = json!(text);
        self
    }

    /// As it is sent.
    pub(crate) fn bytes(&self) -> Bytes {
        self.0.to_string().into()
    }
}
