//! `PUT` with `If-None-Match: *` creates a task with an ID that the client chooses.

use serde_json::json;
use uuid::Uuid;

use super::tag;
use crate::harness::{Handlers, Request};

#[tokio::test]
async fn a_client_may_choose_the_id_of_a_new_task() {
    let api = Handlers::start().await;
    let id = Uuid::new_v4().to_string();
    let put = |title: &str| {
        let body = json!({"title": title, "priority": "low", "id": "ignored"});
        Request::put("ann", &id)
            .json(&body)
            .header("if-none-match", "*")
    };

    let created = api.send(put("offline")).await;

    let task = created.expect(201);
    assert_eq!(
        (&task["id"], &task["title"], &task["priority"]),
        (&json!(id), &json!("offline"), &json!("low"))
    );
    assert_eq!(
        created.header("location"),
        Some(format!("/api/v1/ann/tasks/{id}").as_str())
    );
    api.send(put("again")).await.problem(412);
    let read = api.send(Request::get("ann", &id)).await;
    assert_eq!((read.expect(200), tag(&read)), (task, tag(&created)));
}

#[tokio::test]
async fn two_users_may_use_the_same_id_for_two_tasks() {
    let api = Handlers::start().await;
    let id = Uuid::new_v4().to_string();
    for user in ["ann", "bob"] {
        let body = json!({"title": user});
        api.send(
            Request::put(user, &id)
                .json(&body)
                .header("if-none-match", "*"),
        )
        .await
        .expect(201);
    }
    for user in ["ann", "bob"] {
        assert_eq!(
            api.send(Request::get(user, &id)).await.expect(200)["title"],
            user
        );
    }
    api.send(Request::delete("ann", &id)).await.expect(204);
    api.send(Request::get("bob", &id)).await.expect(200);
}

#[tokio::test]
async fn only_a_put_with_if_none_match_asterisk_creates_a_task() {
    let api = Handlers::start().await;
    let id = Uuid::new_v4().to_string();
    let body = json!({"title": "t"});
    api.send(Request::put("ann", &id).json(&body))
        .await
        .problem(404);
    api.send(
        Request::patch("ann", &id)
            .json(&body)
            .header("if-none-match", "*"),
    )
    .await
    .problem(404);
    let both = Request::put("ann", &id)
        .json(&body)
        .header("if-none-match", "*")
        .header("if-match", "*");
    api.send(both).await.problem(404);
    let no_uuid = Request::put("ann", "mine")
        .json(&body)
        .header("if-none-match", "*");
    assert_eq!(
        api.send(no_uuid).await.invalid_fields(),
        ["task_id must be a UUID"]
    );
    let untitled = Request::put("ann", &id)
        .json(&json!({"tags": ["a"]}))
        .header("if-none-match", "*");
    assert_eq!(
        api.send(untitled).await.invalid_fields(),
        ["/title is required"]
    );
    assert_eq!(api.send(Request::list("ann")).await.expect(200), json!([]));
}
