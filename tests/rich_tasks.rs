//! The other fields of a task: due date, time zone, priority, tags, and when it was completed.

mod due;
mod refusals;

use serde_json::{Value, json};

use crate::harness::{Handlers, Request};

fn rich() -> Value {
    json!({
        "title": "Pay rent",
        "priority": "high",
        "due": "2026-12-01T09:30:00.50+01:00",
        "time_zone": "Europe/Berlin",
        "tags": ["Home", "money", "home"],
    })
}

#[tokio::test]
async fn every_optional_field_has_a_default() {
    let api = Handlers::start().await;
    let plain = api
        .send(Request::create("ann").json(&json!({"title": "t"})))
        .await
        .expect(201);
    for (field, value) in [
        ("priority", json!("none")),
        ("due", Value::Null),
        ("time_zone", Value::Null),
        ("tags", json!([])),
        ("completed_at", Value::Null),
    ] {
        assert_eq!(plain[field], value, "{field}");
    }
}

#[tokio::test]
async fn values_come_back_exactly_as_given() {
    let api = Handlers::start().await;
    let created = api
        .send(Request::create("ann").json(&rich()))
        .await
        .expect(201);
    for (field, value) in rich().as_object().unwrap() {
        assert_eq!(&created[field], value, "{field}");
    }
    let id = created["id"].as_str().unwrap();
    assert_eq!(api.send(Request::get("ann", id)).await.expect(200), created);
    assert_eq!(
        api.send(Request::list("ann")).await.expect(200),
        json!([created])
    );
}

#[tokio::test]
async fn a_change_touches_only_the_fields_it_names() {
    let api = Handlers::start().await;
    let created = api
        .send(Request::create("ann").json(&rich()))
        .await
        .expect(201);
    let id = created["id"].as_str().unwrap();
    let fields = [
        ("title", json!("Pay the rent")),
        ("description", json!("In cash")),
        ("priority", json!("urgent")),
        ("due", json!("2026-12-24")),
        ("time_zone", json!("America/New_York")),
        ("tags", json!(["cash"])),
    ];
    let mut expected = created.clone();
    for (field, value) in fields {
        let changed = api
            .send(Request::patch("ann", id).json(&json!({ field: value })))
            .await
            .expect(200);
        assert!(changed["updated_at"].as_str() > expected["updated_at"].as_str());
        expected[field] = value;
        expected["updated_at"] = changed["updated_at"].clone();
        assert_eq!(changed, expected, "{field}");
    }
}

#[tokio::test]
async fn null_clears_optional_fields() {
    let api = Handlers::start().await;
    let created = api
        .send(Request::create("ann").json(&rich()))
        .await
        .expect(201);
    let clear = json!({"description": null, "due": null, "time_zone": null, "priority": null, "tags": null});
    let id = created["id"].as_str().unwrap();
    let cleared = api
        .send(Request::patch("ann", id).json(&clear))
        .await
        .expect(200);
    assert_eq!(
        (
            &cleared["due"],
            &cleared["time_zone"],
            &cleared["priority"],
            &cleared["tags"]
        ),
        (&Value::Null, &Value::Null, &json!("none"), &json!([]))
    );
    assert_eq!(cleared["title"], created["title"]);
}

#[tokio::test]
async fn the_service_records_when_a_task_was_completed() {
    let api = Handlers::start().await;
    let done = json!({"title": "t", "completed": true, "completed_at": "2001-01-01T00:00:00Z"});
    let created = api
        .send(Request::create("ann").json(&done))
        .await
        .expect(201);
    assert_eq!(created["completed_at"], created["created_at"]);
    let id = created["id"].as_str().unwrap();
    assert_eq!(api.send(Request::get("ann", id)).await.expect(200), created);

    let again = api
        .send(Request::complete("ann", id).json(&json!({"completed": true})))
        .await
        .expect(200);
    assert_eq!(again, created, "completing it again changes nothing");
    let pending = api.send(Request::complete("ann", id)).await.expect(200);
    assert_eq!(pending["completed_at"], Value::Null);
    let completed = api
        .send(Request::put("ann", id).json(&json!({"completed": true})))
        .await
        .expect(200);
    assert_eq!(completed["completed_at"], completed["updated_at"]);
    let renamed = api
        .send(Request::put("ann", id).json(&json!({"title": "u"})))
        .await
        .expect(200);
    assert_eq!(renamed["completed_at"], completed["completed_at"]);
}
