//! `PUT` and `PATCH /api/v1/{user_id}/tasks/{task_id}`

use serde_json::{Value, json};

use crate::harness::{Handlers, Request};

async fn described_task(api: &Handlers) -> Value {
    let body = json!({"title": "old", "description": "kept"});
    api.send(Request::create("ann").json(&body))
        .await
        .expect(201)
}

fn id(task: &Value) -> &str {
    task["id"].as_str().unwrap()
}

#[tokio::test]
async fn a_field_left_out_keeps_its_value() {
    let api = Handlers::start().await;
    let task = described_task(&api).await;
    for (request, changes, expected) in [
        (
            Request::put("ann", id(&task)),
            json!({"title": " new "}),
            ("new", json!("kept"), false),
        ),
        (
            Request::patch("ann", id(&task)),
            json!({"completed": true}),
            ("new", json!("kept"), true),
        ),
        (
            Request::patch("ann", id(&task)),
            json!({"description": "other"}),
            ("new", json!("other"), true),
        ),
        (
            Request::put("ann", id(&task)),
            json!({"description": null}),
            ("new", json!(null), true),
        ),
        (
            Request::put("ann", id(&task)),
            json!({}),
            ("new", json!(null), true),
        ),
    ] {
        let updated = api.send(request.json(&changes)).await.expect(200);
        let (title, description, completed) = expected;
        assert_eq!(updated["title"], title, "{changes}");
        assert_eq!(updated["description"], description, "{changes}");
        assert_eq!(updated["completed"], completed, "{changes}");
        let stored = api.send(Request::get("ann", id(&task))).await.expect(200);
        assert_eq!(stored, updated);
    }
}

#[tokio::test]
async fn updated_at_moves_with_every_change_and_only_then() {
    let api = Handlers::start().await;
    let task = described_task(&api).await;
    let mut before = task["updated_at"].clone();
    for (changes, moves) in [
        (json!({"title": "old"}), false),
        (json!({}), false),
        (json!({"title": "new"}), true),
        (json!({"description": "kept"}), false),
        (json!({"description": null}), true),
        (json!({"completed": false}), false),
        (json!({"completed": true}), true),
    ] {
        let updated = api
            .send(Request::put("ann", id(&task)).json(&changes))
            .await
            .expect(200);
        assert_eq!(updated["updated_at"] != before, moves, "{changes}");
        assert!(
            updated["updated_at"].as_str() >= before.as_str(),
            "{changes}"
        );
        assert_eq!(updated["created_at"], task["created_at"]);
        before = updated["updated_at"].clone();
    }
}

#[tokio::test]
async fn a_task_can_be_sent_back_as_it_was_received() {
    let api = Handlers::start().await;
    let mut task = described_task(&api).await;
    task["title"] = json!("edited");
    let updated = api
        .send(Request::put("ann", id(&task)).json(&task))
        .await
        .expect(200);
    assert_eq!(
        (&updated["title"], &updated["id"]),
        (&task["title"], &task["id"])
    );
}

#[tokio::test]
async fn every_invalid_field_is_named_and_nothing_changes() {
    let api = Handlers::start().await;
    let task = described_task(&api).await;
    let changes = json!({"title": null, "description": 1, "completed": "no", "due": "tomorrow"});

    let answer = api
        .send(Request::patch("ann", id(&task)).json(&changes))
        .await;

    assert_eq!(
        answer.invalid_fields(),
        [
            "/title must be a string, not null",
            "/description must be a string, not a number",
            "/completed must be true or false, not a string",
            "/due must be a date such as `2026-12-01`, or a date-time with an offset such as `2026-12-01T09:30:00+02:00`",
        ]
    );
    assert_eq!(
        api.send(Request::get("ann", id(&task))).await.expect(200),
        task
    );
}

#[tokio::test]
async fn a_merge_patch_is_accepted() {
    let api = Handlers::start().await;
    let task = described_task(&api).await;
    let patch = Request::patch("ann", id(&task)).body(r#"{"description": null}"#);
    let patch = patch.header("content-type", "application/merge-patch+json");
    assert_eq!(
        api.send(patch).await.expect(200)["description"],
        json!(null)
    );
}

#[tokio::test]
async fn an_update_without_a_body_is_malformed() {
    let api = Handlers::start().await;
    let task = described_task(&api).await;
    let problem = api.send(Request::put("ann", id(&task))).await.problem(400);
    assert_eq!(
        problem["detail"],
        "The body is empty, but must be a JSON object."
    );
}
