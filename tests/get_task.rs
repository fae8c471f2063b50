//! `GET /api/v1/{user_id}/tasks/{task_id}`

use serde_json::json;
use uuid::Uuid;

use crate::harness::{Handlers, Request};

#[tokio::test]
async fn a_task_is_found_by_its_id() {
    let api = Handlers::start().await;
    let id = api.create("ann", "mine").await;
    let task = api.send(Request::get("ann", &id)).await.expect(200);
    assert_eq!(
        (task["id"].as_str(), task["title"].as_str()),
        (Some(id.as_str()), Some("mine"))
    );
    assert_eq!(
        api.send(Request::get("ann", &id.to_uppercase()))
            .await
            .expect(200),
        task
    );
}

#[tokio::test]
async fn a_task_has_exactly_the_fields_of_the_contract_and_times_in_utc() {
    let api = Handlers::start().await;
    let id = api.create("ann", "mine").await;
    let task = api.send(Request::get("ann", &id)).await.expect(200);
    let fields: Vec<_> = task
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let expected = [
        "completed",
        "completed_at",
        "created_at",
        "description",
        "due",
        "id",
        "priority",
        "tags",
        "time_zone",
        "title",
        "updated_at",
        "user_id",
    ];
    assert_eq!(fields, expected);
    for time in ["created_at", "updated_at"] {
        let time = task[time].as_str().unwrap();
        assert!(time.parse::<jiff::Timestamp>().is_ok(), "{time}");
        // Always the same length, so that sorting the strings sorts the times.
        assert_eq!(
            (time.len(), &time[19..20], &time[26..]),
            (27, ".", "Z"),
            "{time}"
        );
    }
}

#[tokio::test]
async fn missing_foreign_and_impossible_tasks_look_the_same() {
    let api = Handlers::start().await;
    let foreign = api.create("bob", "not hers").await;
    let missing = Uuid::now_v7().to_string();
    let mut answers = Vec::new();
    for id in [
        &missing,
        &foreign,
        "7",
        "not-a-uuid",
        "..",
        "' or true --",
        "\0",
    ] {
        answers.push(api.send(Request::get("ann", id)).await.problem(404));
    }
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:#?}"
    );

    for id in [&missing, &foreign, "7"] {
        api.send(Request::put("ann", id).json(&json!({"title": ""})))
            .await
            .problem(400);
    }
}
