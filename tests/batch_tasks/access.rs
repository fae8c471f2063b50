//! Who may send a batch, with what method, and on what condition.

use serde_json::json;

use super::{create, new_id, results};
use crate::harness::{Gateway, Handlers, Request, TestDatabase};

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
