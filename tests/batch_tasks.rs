//! `POST /api/v1/{user_id}/tasks/batch`.

mod access;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Gateway, Handlers, Reply, Request, TestDatabase};

/// The results of a batch; the answer must be 200.
#[track_caller]
fn results(answer: &Reply) -> Vec<Value> {
    let body = answer.expect(200);
    assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
    body["results"].as_array().unwrap().clone()
}

fn statuses(results: &[Value]) -> Vec<u64> {
    results
        .iter()
        .map(|result| result["status"].as_u64().unwrap())
        .collect()
}

fn members(result: &Value) -> Vec<&str> {
    result
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

fn create(id: &str, title: &str) -> Value {
    json!({"operation": "create", "id": id, "task": {"title": title}})
}

fn update(id: &str, title: &str) -> Value {
    json!({"operation": "update", "id": id, "task": {"title": title}})
}

fn new_id() -> String {
    Uuid::now_v7().to_string()
}

#[tokio::test]
async fn operations_of_every_kind_run_through_the_gateway_and_each_has_its_own_result() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    let stored = ["a", "b", "c", "d"].map(|title| api.create("ann", title));
    let stored = futures_util::future::join_all(stored).await;
    let [changed, completed, toggled, gone] = stored.try_into().unwrap();
    let mine = new_id();
    let body = json!({"operations": [
        {"operation": "create", "task": {"title": " x ", "priority": "high", "due": "2026-12-01", "tags": ["t"]}},
        {"operation": "create", "id": mine, "task": {"title": "y", "id": "ignored"}},
        {"operation": "update", "id": changed, "task": {"description": "more"}},
        {"operation": "complete", "id": completed, "completed": true},
        {"operation": "complete", "id": toggled},
        {"operation": "delete", "id": gone},
    ]});

    let answer = api.send(Request::batch_of("ann").json(&body)).await;

    let results = results(&answer);
    assert_eq!(statuses(&results), [201, 201, 200, 200, 200, 204]);
    for result in &results[..5] {
        assert_eq!(members(result), ["etag", "status", "task"]);
        let id = result["task"]["id"].as_str().unwrap();
        let read = api.send(Request::get("ann", id)).await;
        assert_eq!(read.expect(200), result["task"]);
        assert_eq!(read.header("etag"), result["etag"].as_str());
    }
    assert_eq!(results[5], json!({"status": 204}));
    api.send(Request::get("ann", &gone)).await.problem(404);
    let expected = [
        json!({"title": "x", "priority": "high", "due": "2026-12-01", "tags": ["t"]}),
        json!({"id": mine}),
        json!({"title": "a", "description": "more"}),
        json!({"completed": true}),
        json!({"completed": true}),
    ];
    assert_members(&results, &expected);
}

/// The tasks in these results have these members, and others.
fn assert_members(results: &[Value], expected: &[Value]) {
    for (result, expected) in results.iter().zip(expected) {
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&result["task"][name], value, "{name}: {result}");
        }
    }
}

#[tokio::test]
async fn operations_run_in_order_and_see_earlier_changes() {
    let api = Handlers::start().await;
    let id = new_id();
    for atomic in [true, false] {
        let operations = json!([
            create(&id, "first"),
            update(&id, "second"),
            {"operation": "complete", "id": id},
            {"operation": "complete", "id": id},
            update(&id, "third"),
            update(&id, "third"),
            {"operation": "delete", "id": id},
            create(&id, "again"),
            {"operation": "delete", "id": id},
        ]);

        let results = results(&api.send(Request::batch("ann", atomic, &operations)).await);

        assert_eq!(
            statuses(&results),
            [201, 200, 200, 200, 200, 200, 204, 201, 204]
        );
        let titles: Vec<_> = results
            .iter()
            .filter_map(|result| result["task"]["title"].as_str())
            .collect();
        assert_eq!(
            titles,
            [
                "first", "second", "second", "second", "third", "third", "again"
            ]
        );
        assert_eq!(results[2]["task"]["completed"], true);
        assert_eq!(results[3]["task"]["completed"], false);
        assert_each_change_moves_the_tag(&results);
    }
    assert_eq!(api.send(Request::list("ann")).await.expect(200), json!([]));
}

/// The first five results are of changes; the sixth is of one without effect.
fn assert_each_change_moves_the_tag(results: &[Value]) {
    let mut tags: Vec<_> = results[..5]
        .iter()
        .map(|result| result["etag"].as_str().unwrap())
        .collect();
    assert_eq!(
        results[5]["etag"], tags[4],
        "a change without effect does not move the tag"
    );
    tags.sort_unstable();
    tags.dedup();
    assert_eq!(tags.len(), 5, "each change moves the tag");
}

#[tokio::test]
async fn a_failure_in_a_non_atomic_batch_is_reported_as_if_alone_and_the_rest_is_done() {
    let api = Handlers::start().await;
    let id = api.create("ann", "t").await;
    let missing = new_id();
    let stale = "\"1\"";
    let operations = json!([
        update(&missing, "u"),
        update("no-uuid", "u"),
        {"operation": "complete", "id": missing, "if_match": "*"},
        {"operation": "delete", "id": "no-uuid", "if_match": stale},
        {"operation": "update", "id": id, "if_match": stale, "task": {"title": "u"}},
        {"operation": "complete", "id": id, "if_match": format!("W/{stale}, \"x\"")},
        {"operation": "delete", "id": id, "if_match": stale},
        create(&id, "taken"),
        update(&id, ""),
        create(&missing, "done"),
        update(&missing, "done as well"),
    ]);

    let results = results(&api.send(Request::batch("ann", false, &operations)).await);

    assert_eq!(
        statuses(&results),
        [404, 404, 404, 404, 412, 412, 412, 409, 400, 201, 200]
    );
    let stale = Request::delete("ann", &id).header("if-match", stale);
    assert_reported_as_if_alone(&api, stale, &results[..9]).await;
    for (id, title) in [(&id, "t"), (&missing, "done as well")] {
        let task = api.send(Request::get("ann", id)).await.expect(200);
        assert_eq!(task["title"], title);
    }
}

/// Four tasks that do not exist, three stale tags, an ID in use, and an invalid field.
async fn assert_reported_as_if_alone(api: &Handlers, stale: Request, results: &[Value]) {
    for result in results {
        assert_eq!(members(result), ["problem", "status"]);
        assert_eq!(result["problem"]["status"], result["status"]);
    }
    let not_found = api.send(Request::get("ann", &new_id())).await.problem(404);
    let precondition_failed = api.send(stale).await.problem(412);
    for result in &results[..4] {
        assert_eq!(result["problem"], not_found);
    }
    for result in &results[4..7] {
        assert_eq!(result["problem"], precondition_failed);
    }
    assert_eq!(
        results[7]["problem"]["type"],
        "/docs/problems#already-exists"
    );
    let invalid = json!([{"pointer": "/operations/8/task/title", "detail": "must not be empty"}]);
    assert_eq!(results[8]["problem"]["errors"], invalid);
}
