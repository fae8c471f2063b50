//! `POST /api/v1/{user_id}/tasks/batch`.

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
    let [changed, completed, toggled, gone] = [
        api.create("ann", "a"),
        api.create("ann", "b"),
        api.create("ann", "c"),
        api.create("ann", "d"),
    ];
    let (changed, completed, toggled, gone) =
        futures_util::join!(changed, completed, toggled, gone);
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

    let task = |index: usize| &results[index]["task"];
    assert_eq!(
        (&task(0)["title"], &task(0)["priority"]),
        (&json!("x"), &json!("high"))
    );
    assert_eq!(
        (&task(0)["due"], &task(0)["tags"]),
        (&json!("2026-12-01"), &json!(["t"]))
    );
    assert_eq!(task(1)["id"], mine);
    assert_eq!(
        (&task(2)["title"], &task(2)["description"]),
        (&json!("a"), &json!("more"))
    );
    assert_eq!(
        (&task(3)["completed"], &task(4)["completed"]),
        (&json!(true), &json!(true))
    );
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
    assert_eq!(api.send(Request::list("ann")).await.expect(200), json!([]));
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
    for result in &results[..9] {
        assert_eq!(members(result), ["problem", "status"]);
        assert_eq!(result["problem"]["status"], result["status"]);
    }
    let not_found = api.send(Request::get("ann", &new_id())).await.problem(404);
    let stale = Request::delete("ann", &id).header("if-match", stale);
    let precondition_failed = api.send(stale).await.problem(412);
    assert!(
        results[..4]
            .iter()
            .all(|result| result["problem"] == not_found),
        "{results:?}"
    );
    assert!(
        results[4..7]
            .iter()
            .all(|result| result["problem"] == precondition_failed),
        "{results:?}"
    );
    assert_eq!(
        results[7]["problem"]["type"],
        "/docs/problems#already-exists"
    );
    let invalid = json!([{"pointer": "/operations/8/task/title", "detail": "must not be empty"}]);
    assert_eq!(results[8]["problem"]["errors"], invalid);

    assert_eq!(
        api.send(Request::get("ann", &id)).await.expect(200)["title"],
        "t"
    );
    assert_eq!(
        api.send(Request::get("ann", &missing)).await.expect(200)["title"],
        "done as well"
    );
}

#[tokio::test]
async fn a_change_with_the_current_tag_succeeds() {
    let api = Handlers::start().await;
    let task = api
        .send(Request::create("ann").json(&json!({"title": "t"})))
        .await;
    let id = task.expect(201)["id"].clone();
    let mut current = task.header("etag").unwrap().to_owned();
    for operation in [
        json!({"operation": "update", "id": id, "task": {"title": "u"}}),
        json!({"operation": "complete", "id": id, "completed": true}),
        json!({"operation": "delete", "id": id}),
    ] {
        let mut operation = operation;
        operation["if_match"] = json!(format!("\"other\", {current}"));
        let results = results(
            &api.send(Request::batch("ann", true, &json!([operation])))
                .await,
        );
        if let Some(tag) = results[0]["etag"].as_str() {
            assert_ne!(tag, current);
            tag.clone_into(&mut current);
        }
    }
    api.send(Request::get("ann", id.as_str().unwrap()))
        .await
        .problem(404);
}

#[tokio::test]
async fn other_methods_on_batch_and_summary_find_no_task() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    for id in ["batch", "summary"] {
        let body = json!({"title": "t"});
        api.send(Request::put("ann", id).json(&body))
            .await
            .problem(404);
        api.send(Request::patch("ann", id).json(&body))
            .await
            .problem(404);
        api.send(Request::delete("ann", id)).await.problem(404);
    }
    api.send(Request::get("ann", "batch")).await.problem(404);
    api.send(Request::get("ann", "summary")).await.expect(200);
    let no_route = api.http("POST", "/api/v1/ann/tasks/summary", &[]).await;
    assert_eq!(no_route.problem(404)["type"], "about:blank");
}

#[tokio::test]
async fn me_is_the_caller_and_a_read_only_token_changes_nothing() {
    let api = Handlers::start().await;
    let claims = json!({"sub": "ann", "scope": "tasks:read", "exp": jiff::Timestamp::now().as_second() + 60});
    let read_only = crate::authentication::signed(&claims);
    let mut request = Request::batch("ann", true, &json!([create(&new_id(), "t")]));
    let refused = api.send(request.clone().token(&read_only)).await;
    assert_eq!(
        refused.problem(403)["type"],
        "/docs/problems#insufficient-scope"
    );
    request.user_id = "me".to_owned();
    assert_eq!(
        results(&api.send(request).await)[0]["task"]["user_id"],
        "ann"
    );
    api.send(Request::summarize("ann").token(&read_only))
        .await
        .expect(200);
}
