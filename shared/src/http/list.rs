//! A list of tasks, as large as Lambda can answer.

use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};

use crate::{Error, Task};

/// The most bytes of a list within Lambda's answer. Lambda's limit is 6 MB (6,291,556 bytes) for the
/// whole of it; the rest is for status and headers.
const MAX_BYTES: usize = 6 * 1024 * 1024 - 16 * 1024;

/// 200 with a bare JSON array of tasks: the first ones that fit, which only very long descriptions make
/// fewer than all. Answering with more would be a 500 of the gateway, whatever the client tries.
#[derive(Debug)]
pub struct TaskList(pub Vec<Task>);

impl IntoResponse for TaskList {
    fn into_response(self) -> Response {
        match array(&self.0, MAX_BYTES) {
            Ok(body) => {
                ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
            }
            Err(error) => Error::Internal(error.to_string()).into_response(),
        }
    }
}

fn array(tasks: &[Task], max_bytes: usize) -> serde_json::Result<String> {
    let mut body = String::from("[");
    let mut bytes = "[]".len();
    for task in tasks {
        let task = serde_json::to_string(task)?;
        bytes += ",".len() + bytes_in_answer(&task);
        if bytes > max_bytes {
            break;
        }
        if body.len() > 1 {
            body.push(',');
        }
        body.push_str(&task);
    }
    body.push(']');
    Ok(body)
}

/// What JSON takes as a string within the JSON of Lambda's answer: quotes and backslashes twice.
fn bytes_in_answer(json: &str) -> usize {
    json.len() + json.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;

    fn task(description: &str) -> Task {
        Task {
            id: Uuid::nil(),
            user_id: "ann".into(),
            title: "t".into(),
            description: Some(description.into()),
            completed: false,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_list_is_a_bare_array() {
        assert_eq!(array(&[], MAX_BYTES).unwrap(), "[]");
        let tasks = [task("a"), task("b")];
        assert_eq!(array(&tasks, MAX_BYTES).unwrap(), serde_json::to_string(&tasks).unwrap());
    }

    #[test]
    fn a_list_of_the_longest_descriptions_fits_into_lambdas_answer() {
        let tasks: Vec<_> = (0..1000).map(|_| task(&"\"".repeat(10_000))).collect();
        let body = array(&tasks, MAX_BYTES).unwrap();
        let answer = serde_json::to_string(&body).unwrap();
        assert!(answer.len() <= MAX_BYTES + 2, "{}", answer.len());
        assert!(answer.len() > MAX_BYTES - 50_000, "{}", answer.len());
    }
}
