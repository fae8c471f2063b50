//! The sizes of a batch and of its answer.

use serde_json::{Value, json};

use super::request;
use crate::harness::{Gateway, Reply, Request, TestDatabase};

#[tokio::test]
async fn a_batch_may_have_up_to_three_million_bytes() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    // Characters of three bytes each; then as many bytes of quotation marks, each of which takes
    // four bytes in Lambda's event.
    for description in ["日".repeat(9_800), "\"".repeat(10_000)] {
        let task =
            json!({"operation": "create", "task": {"title": "t", "description": description}});
        let answer = api
            .send(Request::batch("ann", true, &json!(vec![task; 100])))
            .await;
        let results = answer.expect(200)["results"].as_array().unwrap().clone();
        assert!(
            results
                .iter()
                .all(|result| result["task"]["description"] == *description)
        );
    }
    let of_length = |length: usize| request(&json!({})).body("\"".repeat(length));
    assert_eq!(
        api.send(of_length(3_000_000)).await.problem(400)["type"],
        "/docs/problems#malformed-body"
    );
    let problem = api.send(of_length(3_000_001)).await.problem(413);
    assert_eq!(
        problem["detail"],
        "The body must have at most 3000000 bytes."
    );
}

#[tokio::test]
async fn a_task_too_large_for_lambdas_answer_is_changed_but_left_out() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    // Each character takes seven bytes in Lambda's answer: a hundred such tasks take 7 MB.
    let task = json!({"operation": "create", "task": {"title": "t", "description": "\u{1}".repeat(10_000)}});
    let mut ids = Vec::new();
    for _ in 0..4 {
        let answer = api
            .send(Request::batch("ann", true, &json!(vec![&task; 25])))
            .await
            .expect(200);
        let results = answer["results"].as_array().unwrap().iter();
        ids.extend(results.map(|result| result["task"]["id"].clone()));
    }

    let complete = ids
        .iter()
        .map(|id| json!({"operation": "complete", "id": id}));
    let answer = api
        .send(Request::batch("ann", true, &complete.collect()))
        .await;

    let answer = answer.expect(200);
    let results = answer["results"].as_array().unwrap();
    let held = results
        .iter()
        .filter(|result| result["task"].is_object())
        .count();
    assert!((80..100).contains(&held), "{held}");
    assert!(
        results
            .iter()
            .all(|result| result["status"] == 200 && result["etag"].is_string())
    );
    let summary = api.send(Request::summarize("ann")).await.expect(200);
    assert_eq!(summary["completed"], 100);
}

#[tokio::test]
async fn the_answer_fits_however_much_of_a_batch_is_invalid() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    let long = |prefix: usize| format!("{prefix}{}", "\u{1}".repeat(100));
    let field = |index: usize| (long(index), json!(0));
    let mut task: serde_json::Map<_, _> = (0..20).map(field).collect();
    task.extend([
        ("tags".to_owned(), json!(vec![""; 20])),
        ("title".to_owned(), json!(5)),
    ]);
    let mut operation: serde_json::Map<_, _> = (0..10).map(field).collect();
    operation.extend([
        ("operation".to_owned(), json!("create")),
        ("task".to_owned(), task.into()),
    ]);
    let operations = json!(vec![Value::from(operation); 100]);
    let fits = |answer: &Reply| assert!(answer.body.len() < 4_000_000, "{}", answer.body.len());

    let atomic = api.send(Request::batch("ann", true, &operations)).await;
    let other = api.send(Request::batch("ann", false, &operations)).await;

    fits(&atomic);
    assert_eq!(atomic.invalid_fields().len(), 3_000);
    fits(&other);
    assert_eq!(
        other.expect(200)["results"][99]["problem"]["errors"]
            .as_array()
            .unwrap()
            .len(),
        30
    );
}
