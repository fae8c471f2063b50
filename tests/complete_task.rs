//! `PATCH /api/v1/{user_id}/tasks/{task_id}/complete`

use serde_json::json;

use crate::harness::{Handlers, Request};

#[tokio::test]
async fn a_task_is_completed_and_reopened() {
    let api = Handlers::start().await;
    let id = api.create("ann", "t").await;
    for completed in [true, true, false, false, true] {
        let request = Request::complete("ann", &id).json(&json!({"completed": completed}));
        let task = api.send(request).await.expect(200);
        assert_eq!(task["completed"], completed);
        assert_eq!(api.send(Request::get("ann", &id)).await.expect(200), task);
    }
}

#[tokio::test]
async fn a_request_without_a_body_toggles_the_task() {
    let api = Handlers::start().await;
    let id = api.create("ann", "t").await;
    for completed in [true, false, true] {
        assert_eq!(
            api.send(Request::complete("ann", &id)).await.expect(200)["completed"],
            completed
        );
    }
}

#[tokio::test]
async fn a_body_that_does_not_say_completed_toggles_the_task() {
    let api = Handlers::start().await;
    let id = api.create("ann", "t").await;
    let bodies = [
        "{}",
        " { } ",
        "null",
        "{\"title\": \"t\"}",
        "\u{feff}{}",
        "\u{feff}",
    ];
    for (index, body) in bodies.into_iter().enumerate() {
        let request = Request::complete("ann", &id)
            .body(body)
            .header("content-type", "application/json");
        let task = api.send(request).await.expect(200);
        assert_eq!(task["completed"], index % 2 == 0, "{body:?}");
        assert_eq!(task["title"], "t");
    }
    let batch = json!([{"operation": "complete", "id": id}]);
    let batch = api
        .send(Request::batch("ann", true, &batch))
        .await
        .expect(200);
    assert_eq!(batch["results"][0]["task"]["completed"], true);
}

#[tokio::test]
async fn completing_a_completed_task_changes_nothing() {
    let api = Handlers::start().await;
    let id = api.create("ann", "t").await;
    let request = Request::complete("ann", &id).json(&json!({"completed": true}));
    let first = api.send(request.clone()).await.expect(200);
    assert_eq!(api.send(request).await.expect(200), first);
}

#[tokio::test]
async fn a_wrong_value_and_an_unknown_field_are_refused() {
    let api = Handlers::start().await;
    let id = api.create("ann", "t").await;
    for (body, expected) in [
        (
            json!({"completed": null}),
            vec!["/completed must be true or false, not null"],
        ),
        (
            json!({"completed": "true"}),
            vec!["/completed must be true or false, not a string"],
        ),
        (
            json!({"complete": true}),
            vec!["/complete is not a field of a task"],
        ),
    ] {
        let answer = api.send(Request::complete("ann", &id).json(&body)).await;
        assert_eq!(answer.invalid_fields(), expected, "{body}");
    }
    assert_eq!(
        api.send(Request::get("ann", &id)).await.expect(200)["completed"],
        false
    );
}

#[tokio::test]
async fn a_whole_task_may_be_sent_back_and_only_completed_counts() {
    let api = Handlers::start().await;
    let id = api.create("ann", "t").await;
    let mut task = api.send(Request::get("ann", &id)).await.expect(200);
    task["completed"] = json!(true);
    task["title"] = json!("not for this request");
    let completed = api
        .send(Request::complete("ann", &id).json(&task))
        .await
        .expect(200);
    assert_eq!(
        (&completed["completed"], &completed["title"]),
        (&json!(true), &json!("t"))
    );
}
