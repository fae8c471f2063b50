//! What became of the operations of a batch, as large as Lambda can answer.

use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::EntityTag;
use super::MAX_ANSWER_BYTES;
use super::list::bytes_in_answer;
use crate::problem::Problem;
use crate::tasks::Outcome;
use crate::{Answer, Error, Task};

/// 200 with a result for each operation, in their order.
///
/// Every result has its status. A task that no longer fits into Lambda's answer is left out of its result: what is done
/// is done, and the client can get the task. That happens only to a hundred of the longest descriptions that consist of
/// characters that JSON writes as six.
#[derive(Debug)]
pub struct BatchAnswer(pub Vec<Answer<Outcome>>);

#[derive(Serialize)]
struct Results {
    results: Vec<OperationResult>,
}

/// What the operation alone would have been answered.
#[derive(Serialize)]
struct OperationResult {
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Problem>,
}

impl IntoResponse for BatchAnswer {
    fn into_response(self) -> Response {
        match body(self.0, MAX_ANSWER_BYTES) {
            Ok(body) => (
                [(CONTENT_TYPE, HeaderValue::from_static("application/json"))],
                body,
            )
                .into_response(),
            Err(error) => Error::Internal(error.to_string()).into_response(),
        }
    }
}

fn body(outcomes: Vec<Answer<Outcome>>, max_bytes: usize) -> serde_json::Result<String> {
    let (results, tasks): (Vec<_>, Vec<_>) = outcomes.into_iter().map(result).unzip();
    let mut results = Results { results };
    let mut bytes = bytes_in_answer(&serde_json::to_string(&results)?);
    for (result, task) in results.results.iter_mut().zip(tasks) {
        let Some(task) = task else { continue };
        let json = to_raw_value(&task)?;
        let added = bytes_in_answer(",\"task\":") + bytes_in_answer(json.get());
        if bytes + added <= max_bytes {
            bytes += added;
            result.task = Some(json);
        }
    }
    serde_json::to_string(&results)
}

/// The result, and the task that it is to have.
fn result(outcome: Answer<Outcome>) -> (OperationResult, Option<Task>) {
    let (status, task) = match outcome {
        Ok(Outcome::Created(task)) => (StatusCode::CREATED, Some(task)),
        Ok(Outcome::Changed(task)) => (StatusCode::OK, Some(task)),
        Ok(Outcome::Deleted) => (StatusCode::NO_CONTENT, None),
        Err(error) => {
            let problem = error.problem();
            let result = OperationResult {
                status: problem.status,
                etag: None,
                task: None,
                problem: Some(problem),
            };
            return (result, None);
        }
    };
    let etag = task.as_ref().map(|task| EntityTag::of(task).to_string());
    (
        OperationResult {
            status: status.as_u16(),
            etag,
            task: None,
            problem: None,
        },
        task,
    )
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::Value;
    use uuid::Uuid;

    use super::*;
    use crate::http::InvalidField;
    use crate::task::{NewTask, Priority, Title};

    fn created(title: &str) -> Outcome {
        let new = NewTask {
            id: Uuid::nil(),
            title: Title::parse(title).unwrap(),
            description: None,
            completed: false,
            priority: Priority::None,
            due: None,
            time_zone: None,
            tags: crate::task::Tags::default(),
        };
        Outcome::Created(new.stored(Uuid::nil(), "ann".into(), Timestamp::UNIX_EPOCH))
    }

    #[test]
    fn tasks_that_do_not_fit_are_left_out_and_every_result_stays() {
        let invalid = || {
            Err(Error::Invalid(vec![InvalidField::at(
                "/operations/1",
                "\"is\" wrong",
            )]))
        };
        let outcomes = || {
            let titles = [&"\u{1}".repeat(200), "short", &"\"".repeat(200), "t"];
            titles
                .into_iter()
                .flat_map(|title| [Ok(created(title)), invalid(), Ok(Outcome::Deleted)])
                .collect()
        };
        let whole = body(outcomes(), usize::MAX).unwrap();
        let whole_bytes = serde_json::to_string(&whole).unwrap().len() - "\"\"".len();

        for max_bytes in (3_000..=whole_bytes + 100)
            .step_by(7)
            .chain([whole_bytes, whole_bytes - 1])
        {
            let body = body(outcomes(), max_bytes).unwrap();
            let bytes = serde_json::to_string(&body).unwrap().len() - "\"\"".len();
            assert!(bytes <= max_bytes, "{bytes} {max_bytes}");
            assert_eq!(body == whole, max_bytes >= whole_bytes, "{max_bytes}");
            let body: Value = serde_json::from_str(&body).unwrap();
            let results = body["results"].as_array().unwrap();
            let statuses: Vec<_> = results
                .iter()
                .map(|result| result["status"].as_u64().unwrap())
                .collect();
            assert_eq!(statuses, [201, 400, 204].repeat(4));
            assert!(
                results
                    .iter()
                    .step_by(3)
                    .all(|result| result["etag"].is_string())
            );
        }
    }
}
