//! `Idempotency-Key` on batches.

use serde_json::{Value, json};
use uuid::Uuid;

use super::changes::{is_replay, keyed, twice};
use crate::harness::{Handlers, Request};

/// One operation of each kind, and one that fails.
fn operations(id: &str, gone: &str) -> Value {
    json!([
        {"operation": "create", "task": {"title": "new"}},
        {"operation": "create", "id": id, "task": {"title": "taken"}},
        {"operation": "update", "id": id, "task": {"title": "u"}},
        {"operation": "complete", "id": Uuid::new_v4()},
        {"operation": "delete", "id": gone},
        {"operation": "update", "id": id, "if_match": "\"0\"", "task": {"title": "stale"}},
    ])
}

#[tokio::test]
async fn a_repeated_batch_has_the_same_results_and_does_nothing() {
    let api = Handlers::start().await;
    let [id, gone] = [
        api.create("ann", "t").await,
        api.create("ann", "gone").await,
    ];
    let batch = Request::batch("ann", false, &operations(&id, &gone));
    let results = twice(&api, batch.clone(), "k").await.expect(200);
    let statuses = |results: &Value| {
        let results = results["results"].as_array().unwrap().iter();
        let statuses = results.map(|result| result["status"].as_u64().unwrap());
        statuses.collect::<Vec<_>>()
    };
    let expected = [201, 409, 200, 404, 204, 412];
    assert_eq!(statuses(&results), expected);
    let list = api.send(Request::list("ann")).await.expect(200);
    assert_eq!(list.as_array().unwrap().len(), 2);

    api.send(Request::delete("ann", &id)).await.expect(204);
    let again = api.send(keyed(batch, "k")).await.expect(200);
    assert_eq!(statuses(&again), expected);
    assert_eq!(again["results"][2], json!({"status": 200}));
    assert_eq!(again["results"][0], results["results"][0]);
}

#[tokio::test]
async fn a_repeated_atomic_batch_creates_nothing_twice_and_one_that_failed_is_tried_again() {
    let api = Handlers::start().await;
    let create = json!({"operation": "create", "task": {"title": "t"}});
    let batch = Request::batch("ann", true, &json!([create, create]));
    twice(&api, batch, "k").await;
    let list = api.send(Request::list("ann")).await.expect(200);
    assert_eq!(list.as_array().unwrap().len(), 2);

    let id = Uuid::new_v4();
    let failing = json!([create, {"operation": "complete", "id": id}]);
    let failing = || keyed(Request::batch("ann", true, &failing), "failing");
    api.send(failing()).await.problem(409);
    let put = Request::put("ann", &id.to_string()).json(&json!({"title": "now"}));
    api.send(put.header("if-none-match", "*")).await.expect(201);
    assert!(!is_replay(&api.send(failing()).await));
    assert!(is_replay(&api.send(failing()).await));
}

#[tokio::test]
async fn a_batch_without_a_valid_operation_leaves_its_key_free() {
    let api = Handlers::start().await;
    let create = |title| json!([{"operation": "create", "task": {"title": title}}]);
    let invalid = keyed(Request::batch("ann", false, &create("")), "k");
    let results = api.send(invalid).await.expect(200)["results"].clone();
    assert_eq!(results[0]["status"], 400);

    let valid = keyed(Request::batch("ann", false, &create("t")), "k");
    let results = api.send(valid).await.expect(200)["results"].clone();
    assert_eq!(results[0]["status"], 201);
}

#[tokio::test]
async fn a_task_that_its_own_batch_deleted_keeps_the_time_of_its_creation() {
    let api = Handlers::start().await;
    let id = Uuid::new_v4();
    let operations = json!([
        {"operation": "create", "id": id, "task": {"title": "t"}},
        {"operation": "delete", "id": id},
    ]);
    let batch = || keyed(Request::batch("ann", true, &operations), "k");
    let first = api.send(batch()).await.expect(200);
    let again = api.send(batch()).await;
    assert!(is_replay(&again));
    let day = |results: &Value| {
        let created_at = results["results"][0]["task"]["created_at"].as_str();
        created_at.unwrap()[..10].to_owned()
    };
    assert_eq!(day(&again.expect(200)), day(&first));
}
