//! The results of a batch.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::array::{MAX_ANSWER_BYTES, bytes_in_answer};
use crate::domain::{Outcome, Task};
use crate::http::body::Json;
use crate::http::entity_tag::EntityTag;
use crate::http::error::ApiError;
use crate::http::invalid::InvalidField;
use crate::http::problem::Problem;
use crate::store::StoreError;

/// 200 with a result for each operation, in order.
///
/// Every result has its status. A task that does not fit into Lambda's answer is left out of its
/// result: what is done is done, and the client can get the task. That happens only with a hundred
/// of the longest descriptions, in characters that JSON escapes with six. A task that an earlier
/// request with the same idempotency key updated, and that has been deleted since, is left out too.
#[derive(Debug)]
pub struct BatchAnswer(Vec<Result<Outcome, ApiError>>);

impl BatchAnswer {
    /// The outcomes of the valid operations, and the invalid operations at their positions, which
    /// ascend.
    #[must_use]
    pub fn new(
        outcomes: Vec<Result<Outcome, StoreError>>,
        invalid: Vec<(usize, Vec<InvalidField>)>,
    ) -> Self {
        let outcomes = outcomes.into_iter();
        let mut results: Vec<_> = outcomes
            .map(|outcome| outcome.map_err(ApiError::from))
            .collect();
        for (index, fields) in invalid {
            results.insert(index, Err(ApiError::Invalid(fields)));
        }
        Self(results)
    }
}

#[derive(Serialize)]
struct BatchResults {
    results: Vec<BatchResult>,
}

/// What the client would have received for the operation alone.
#[derive(Serialize)]
struct BatchResult {
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
        match results(self.0, MAX_ANSWER_BYTES) {
            Ok(results) => Json(results).into_response(),
            Err(error) => ApiError::internal(error).into_response(),
        }
    }
}

fn results(
    outcomes: Vec<Result<Outcome, ApiError>>,
    max_bytes: usize,
) -> serde_json::Result<BatchResults> {
    let (results, tasks): (Vec<_>, Vec<_>) = outcomes.into_iter().map(result).unzip();
    let mut results = BatchResults { results };
    let mut bytes = bytes_in_answer(serde_json::to_string(&results)?);
    for (result, task) in results.results.iter_mut().zip(tasks) {
        let Some(task) = task else { continue };
        let json = to_raw_value(&task)?;
        let added = bytes_in_answer(",\"task\":") + bytes_in_answer(json.get());
        if bytes + added <= max_bytes {
            bytes += added;
            result.task = Some(json);
        }
    }
    Ok(results)
}

/// The result, and the task that it should have.
fn result(outcome: Result<Outcome, ApiError>) -> (BatchResult, Option<Task>) {
    let (status, task, problem) = match outcome {
        Ok(Outcome::Created(task)) => (StatusCode::CREATED.as_u16(), Some(task), None),
        Ok(Outcome::Updated(task)) => (StatusCode::OK.as_u16(), Some(task), None),
        Ok(Outcome::Gone) => (StatusCode::OK.as_u16(), None, None),
        Ok(Outcome::Deleted) => (StatusCode::NO_CONTENT.as_u16(), None, None),
        Err(error) => {
            let problem = error.problem();
            (problem.status, None, Some(problem))
        }
    };
    let etag = task.as_ref().map(|task| EntityTag::of(task).to_string());
    let result = BatchResult {
        status,
        etag,
        task: None,
        problem,
    };
    (result, task)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::Value;
    use uuid::Uuid;

    use super::*;
    use crate::domain::{NewTask, TaskFields, Title};

    fn created(title: &str) -> Outcome {
        let fields = TaskFields::new(Title::parse(title).unwrap());
        let new = NewTask::new(fields).with_id(Uuid::nil());
        Outcome::Created(new.stored("ann".into(), Timestamp::UNIX_EPOCH, 0))
    }

    /// Four times a new task, an invalid operation and a deletion.
    fn outcomes() -> Vec<Result<Outcome, ApiError>> {
        let invalid = || ApiError::invalid(InvalidField::at("/operations/1", "\"is\" wrong"));
        let titles = [
            &format!("a{}", "\u{1}".repeat(199)),
            "short",
            &"\"".repeat(200),
            "t",
        ];
        (titles.into_iter())
            .flat_map(|title| [Ok(created(title)), Err(invalid()), Ok(Outcome::Deleted)])
            .collect()
    }

    fn body(max_bytes: usize) -> String {
        serde_json::to_string(&results(outcomes(), max_bytes).unwrap()).unwrap()
    }

    #[test]
    fn tasks_that_do_not_fit_are_left_out_and_every_result_stays() {
        let whole = body(usize::MAX);
        let whole_bytes = bytes_in_answer(&whole);
        let limits = (3_000..=whole_bytes + 100).step_by(7);

        for max_bytes in limits.chain([whole_bytes, whole_bytes - 1]) {
            let body = body(max_bytes);

            let bytes = serde_json::to_string(&body).unwrap().len() - "\"\"".len();
            assert!(bytes <= max_bytes, "{bytes} {max_bytes}");
            assert_eq!(body == whole, max_bytes >= whole_bytes, "{max_bytes}");
            let body: Value = serde_json::from_str(&body).unwrap();
            let results = body["results"].as_array().unwrap();
            let statuses = results
                .iter()
                .map(|result| result["status"].as_u64().unwrap());
            assert_eq!(statuses.collect::<Vec<_>>(), [201, 400, 204].repeat(4));
            let created = results.iter().step_by(3);
            assert!(created.map(|result| &result["etag"]).all(Value::is_string));
        }
    }

    #[test]
    fn invalid_operations_are_put_back_in_their_positions() {
        let invalid = |at: &str| vec![InvalidField::at(at, "is wrong")];
        let outcomes = vec![Ok(Outcome::Deleted), Err(StoreError::NotFound)];

        let answer = BatchAnswer::new(outcomes, vec![(0, invalid("/0")), (2, invalid("/2"))]);

        let BatchResults { results } = results(answer.0, usize::MAX).unwrap();
        let statuses: Vec<_> = results.iter().map(|result| result.status).collect();
        assert_eq!(statuses, [400, 204, 400, 404]);
    }
}
