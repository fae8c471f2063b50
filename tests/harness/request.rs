//! A request to an operation. Both the gateway and the in-process handlers take it.

use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use testbed::sample::SampleEvent;

use super::SECRET;

/// A request. By default, it has a valid token of the user in its path.
#[derive(Clone)]
pub struct Request {
    pub operation: &'static str,
    pub method: &'static str,
    pub user_id: String,
    pub task_id: Option<String>,
    pub query: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
}

impl Request {
    pub fn create(user_id: &str) -> Self {
        Self::new("create-task", "POST", user_id, None)
    }

    pub fn list(user_id: &str) -> Self {
        Self::new("list-tasks", "GET", user_id, None)
    }

    pub fn get(user_id: &str, task_id: &str) -> Self {
        Self::new("get-task", "GET", user_id, Some(task_id))
    }

    pub fn put(user_id: &str, task_id: &str) -> Self {
        Self::new("update-task", "PUT", user_id, Some(task_id))
    }

    pub fn patch(user_id: &str, task_id: &str) -> Self {
        Self::new("update-task", "PATCH", user_id, Some(task_id))
    }

    pub fn complete(user_id: &str, task_id: &str) -> Self {
        Self::new("complete-task", "PATCH", user_id, Some(task_id))
    }

    pub fn delete(user_id: &str, task_id: &str) -> Self {
        Self::new("delete-task", "DELETE", user_id, Some(task_id))
    }

    pub fn changes(user_id: &str) -> Self {
        Self::new("list-changes", "GET", user_id, None)
    }

    pub fn trash(user_id: &str) -> Self {
        Self::new("list-trash", "GET", user_id, None)
    }

    pub fn restore(user_id: &str, task_id: &str) -> Self {
        Self::new("restore-task", "POST", user_id, Some(task_id))
    }

    pub fn discard(user_id: &str, task_id: &str) -> Self {
        Self::new("discard-task", "DELETE", user_id, Some(task_id))
    }

    pub fn empty_trash(user_id: &str) -> Self {
        Self::new("empty-trash", "DELETE", user_id, None)
    }

    pub fn export(user_id: &str) -> Self {
        Self::new("export-user", "GET", user_id, None)
    }

    /// Erases the user, with the user ID as the confirmation.
    pub fn erase(user_id: &str) -> Self {
        let confirm = format!("confirm={}", utf8_percent_encode(user_id, NON_ALPHANUMERIC));
        Self::new("erase-user", "DELETE", user_id, None).query(&confirm)
    }

    /// A batch of operations.
    pub fn batch(user_id: &str, atomic: bool, operations: &Value) -> Self {
        Self::batch_of(user_id).json(&json!({"atomic": atomic, "operations": operations}))
    }

    /// A batch without its body.
    pub fn batch_of(user_id: &str) -> Self {
        Self::new("batch-tasks", "POST", user_id, None)
    }

    pub fn summarize(user_id: &str) -> Self {
        Self::new("summarize-tasks", "GET", user_id, None)
    }

    /// Every operation on tasks, each with a body that it accepts, in an order in which each
    /// succeeds. At the end, the task is gone for good.
    /// `tests/routes.rs` compares them with openapi.yaml.
    pub fn every_operation(user_id: &str, task_id: &str) -> Vec<Self> {
        vec![
            Self::create(user_id).json(&json!({"title": "another"})),
            Self::list(user_id),
            Self::summarize(user_id),
            Self::batch(
                user_id,
                false,
                &json!([{"operation": "create", "task": {"title": "another"}}]),
            ),
            Self::get(user_id, task_id),
            Self::put(user_id, task_id).json(&json!({"title": "changed"})),
            Self::patch(user_id, task_id).json(&json!({"title": "changed"})),
            Self::complete(user_id, task_id).json(&json!({"completed": true})),
            Self::changes(user_id),
            Self::delete(user_id, task_id),
            Self::trash(user_id),
            Self::restore(user_id, task_id),
            Self::delete(user_id, task_id),
            Self::discard(user_id, task_id),
            Self::empty_trash(user_id),
        ]
    }

    /// Every operation on tasks, and those on the user.
    pub fn all(user_id: &str, task_id: &str) -> Vec<Self> {
        let mut requests = Self::every_operation(user_id, task_id);
        requests.extend([Self::export(user_id), Self::erase(user_id)]);
        requests
    }

    /// Those that succeed again and again.
    pub fn every_operation_but_delete(user_id: &str, task_id: &str) -> Vec<Self> {
        let mut requests = Self::every_operation(user_id, task_id);
        let needs_deletion = ["delete-task", "restore-task", "discard-task"];
        requests.retain(|request| !needs_deletion.contains(&request.operation));
        requests
    }

    fn new(
        operation: &'static str,
        method: &'static str,
        user_id: &str,
        task_id: Option<&str>,
    ) -> Self {
        let (user_id, task_id) = (user_id.to_owned(), task_id.map(str::to_owned));
        let request = Self {
            operation,
            method,
            user_id,
            task_id,
            query: String::new(),
            headers: Vec::new(),
            body: None,
        };
        let token = token(&request.user_id);
        request.token(&token)
    }

    pub fn json(self, body: &Value) -> Self {
        self.body(body.to_string())
            .header("content-type", "application/json")
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    pub fn query(mut self, query: &str) -> Self {
        query.clone_into(&mut self.query);
        self
    }

    /// Adds a header, even if there is one of this name.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Replaces the token.
    pub fn token(self, token: &str) -> Self {
        self.anonymous()
            .header("authorization", &format!("Bearer {token}"))
    }

    pub fn anonymous(mut self) -> Self {
        self.headers.retain(|(name, _)| name != "authorization");
        self
    }

    /// The path as a client sends it, percent-encoded: the operation's route, as its sample event
    /// has it.
    pub fn path(&self) -> String {
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let sample = SampleEvent::read(self.operation).unwrap();
        let path = sample.route().replace("{user_id}", &encoded(&self.user_id));
        match &self.task_id {
            Some(task_id) => path.replace("{task_id}", &encoded(task_id)),
            None => path,
        }
    }
}

/// A valid token of a user.
pub fn token(user_id: &str) -> String {
    local::token::mint(SECRET, user_id, Duration::from_mins(1)).unwrap()
}
