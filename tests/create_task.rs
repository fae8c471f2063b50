//! `POST /api/v1/{user_id}/tasks`

mod body;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Handlers, Request};

#[tokio::test]
async fn a_new_task_is_returned_and_stored() {
    let api = Handlers::start().await;

    let request =
        Request::create("ann").json(&json!({"title": " Buy milk ", "description": "Oat"}));
    let created = api.send(request).await;

    let task = created.expect(201);
    assert_eq!(task["title"], "Buy milk");
    assert_eq!(task["description"], "Oat");
    assert_eq!(task["completed"], false);
    assert_eq!(task["user_id"], "ann");
    assert_eq!(task["created_at"], task["updated_at"]);
    let id = task["id"].as_str().unwrap();
    assert_eq!(Uuid::parse_str(id).unwrap().get_version_num(), 7);
    assert_eq!(
        created.header("location"),
        Some(format!("/api/v1/ann/tasks/{id}").as_str())
    );
    assert_eq!(api.send(Request::get("ann", id)).await.expect(200), task);
}

#[tokio::test]
async fn valid_values_are_kept_exactly_as_given() {
    let api = Handlers::start().await;
    for body in [
        json!({"title": "ü".repeat(200)}),
        json!({"title": "🦀".repeat(200), "description": "日".repeat(10_000)}),
        json!({"title": "zero\u{200b}width, раypal, \u{202e}right to left"}),
        json!({"title": "'; drop table tasks; --", "description": ""}),
        json!({"title": "t", "description": null, "completed": true}),
        json!({"title": "t", "description": "  spaces and\nlines  "}),
    ] {
        let task = api
            .send(Request::create("ann").json(&body))
            .await
            .expect(201);
        for (field, value) in body.as_object().unwrap() {
            assert_eq!(&task[field], value, "{field}");
        }
    }
}

#[tokio::test]
async fn fields_set_by_the_service_are_ignored() {
    let api = Handlers::start().await;
    let body = json!({
        "id": "mine", "user_id": "bob", "created_at": 1, "updated_at": null, "title": "t", "completed": false,
    });
    let task = api
        .send(Request::create("ann").json(&body))
        .await
        .expect(201);
    assert_eq!(task["user_id"], "ann");
    assert_ne!(task["id"], "mine");
}

#[tokio::test]
async fn every_invalid_field_is_named_at_once() {
    let api = Handlers::start().await;
    let body =
        json!({"title": 7, "description": ["x"], "completed": "yes", "colour": "red", "a/b~c": 1});

    let answer = api.send(Request::create("ann").json(&body)).await;

    let detail = answer.problem(400)["detail"].as_str().unwrap().to_owned();
    assert!(
        detail.contains("`a/b~c` is not a field of a task"),
        "{detail}"
    );
    assert_eq!(
        answer.invalid_fields(),
        [
            "/title must be a string, not a number",
            "/description must be a string, not an array",
            "/completed must be true or false, not a string",
            "/a~1b~0c is not a field of a task",
            "/colour is not a field of a task",
        ]
    );
}

fn invalid_fields() -> [(Value, &'static str); 12] {
    [
        (json!({}), "/title is required"),
        (json!({"title": null}), "/title must be a string, not null"),
        (json!({"title": ""}), "/title must not be empty"),
        (json!({"title": " \t\u{3000}"}), "/title must not be empty"),
        (
            json!({"title": "ü".repeat(201)}),
            "/title must have at most 200 characters, not 201",
        ),
        (
            json!({"title": "a\0b"}),
            "/title must not contain the NUL character (U+0000)",
        ),
        (
            json!({"title": "t", "description": "x".repeat(10_001)}),
            "/description must have at most 10000 characters, not 10001",
        ),
        (
            json!({"title": "t", "description": "\0"}),
            "/description must not contain the NUL character (U+0000)",
        ),
        (
            json!({"title": "t", "description": 1.5}),
            "/description must be a string, not a number",
        ),
        (
            json!({"title": "\u{200b}\u{feff}\u{3164}"}),
            "/title must not be empty",
        ),
        (
            json!({"title": "t", "completed": 1}),
            "/completed must be true or false, not a number",
        ),
        (
            json!({"title": "t", "Title": "u"}),
            "/Title is not a field of a task",
        ),
    ]
}

#[tokio::test]
async fn an_invalid_field_is_explained() {
    let api = Handlers::start().await;
    for (body, expected) in invalid_fields() {
        let answer = api.send(Request::create("ann").json(&body)).await;
        assert_eq!(answer.invalid_fields(), [expected], "{body}");
    }
    assert_eq!(api.send(Request::list("ann")).await.expect(200), json!([]));
}

#[tokio::test]
async fn null_is_no_value_for_every_optional_field() {
    let api = Handlers::start().await;
    let nulls = json!({
        "title": "t", "description": null, "completed": null, "priority": null, "due": null,
        "time_zone": null, "tags": null,
    });
    let plain = json!({"title": "t"});
    let batch = json!({"atomic": null, "operations": [
        {"operation": "create", "id": null, "task": nulls},
    ]});
    let batch = api
        .send(Request::batch_of("ann").json(&batch))
        .await
        .expect(200);
    let mut tasks = vec![batch["results"][0]["task"].clone()];
    for body in [nulls, plain] {
        tasks.push(
            api.send(Request::create("ann").json(&body))
                .await
                .expect(201),
        );
    }
    for task in &mut tasks {
        for own in ["id", "created_at", "updated_at"] {
            task.as_object_mut().unwrap().remove(own);
        }
        assert_eq!(task["completed"], false);
    }
    assert!(tasks.iter().all(|task| *task == tasks[0]), "{tasks:#?}");
}
