//! `Idempotency-Key`: sending a creation again creates nothing new.

mod batches;
mod changes;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{Gateway, Handlers, Request, TestDatabase};

fn create(user_id: &str, key: &str, body: &Value) -> Request {
    Request::create(user_id)
        .json(body)
        .header("idempotency-key", key)
}

async fn count(api: &Handlers, table: &str) -> i64 {
    let client = api.database().superuser().await;
    client
        .query_one(&format!("select count(*) from {table}"), &[])
        .await
        .unwrap()
        .get(0)
}

#[tokio::test]
async fn the_same_request_gets_the_same_answer_and_creates_one_task() {
    let api = Handlers::start().await;
    let body = json!({
        "title": " t ", "description": "d", "completed": true, "priority": "low", "due": "2026-12-01T10:00:00+01:00",
        "time_zone": "Europe/Paris", "tags": ["a", "b"],
    });
    let first = api.send(create("ann", "key-1", &body)).await;
    assert_eq!(first.header("idempotency-replayed"), None);
    let id = first.expect(201)["id"].as_str().unwrap().to_owned();
    api.send(Request::put("ann", &id).json(&json!({"title": "changed since"})))
        .await
        .expect(200);

    // The same content, spelled differently.
    let reworded = json!({
        "tags": ["a", " b"], "title": "t", "completed": true, "description": "d", "priority": "low",
        "time_zone": "Europe/Paris", "due": "2026-12-01T10:00:00+01:00", "id": "ignored",
    });
    for body in [body, reworded] {
        let again = api.send(create("ann", "\"key-1\"", &body)).await;
        assert_eq!(again.expect(201), first.expect(201));
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        for header in ["location", "etag"] {
            assert_eq!(again.header(header), first.header(header));
        }
    }
    assert_eq!(count(&api, "tasks").await, 1);
}

#[tokio::test]
async fn a_different_body_with_the_same_key_is_refused() {
    let api = Handlers::start().await;
    api.send(create("ann", "k", &json!({"title": "t"})))
        .await
        .expect(201);
    for body in [
        json!({"title": "u"}),
        json!({"title": "t", "tags": ["a"]}),
        json!({"title": "t", "completed": true}),
    ] {
        let problem = api.send(create("ann", "k", &body)).await.problem(422);
        assert_eq!(problem["type"], "/docs/problems#idempotency-key-reused");
    }
    assert_eq!(count(&api, "tasks").await, 1);
}

#[tokio::test]
async fn an_invalid_request_does_not_use_up_its_key() {
    let api = Handlers::start().await;
    api.send(create("ann", "k", &json!({"title": ""})))
        .await
        .problem(400);
    api.send(create("ann", "k", &json!({"title": "t"})))
        .await
        .expect(201);
}

#[tokio::test]
async fn a_key_belongs_to_one_user() {
    let api = Handlers::start().await;
    let hers = api
        .send(create("ann", "k", &json!({"title": "hers"})))
        .await
        .expect(201);
    let his = api.send(create("bob", "k", &json!({"title": "his"}))).await;
    assert_eq!(his.header("idempotency-replayed"), None);
    assert_ne!(his.expect(201)["id"], hers["id"]);
}

#[tokio::test]
async fn fifty_concurrent_requests_with_one_key_create_one_task() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    let body = json!({"title": "once"});
    let answers = join_all((0..50).map(|_| api.send(create("ann", "k", &body)))).await;
    let task = answers[0].expect(201);
    assert!(answers.iter().all(|answer| answer.expect(201) == task));
    let fresh = answers
        .iter()
        .filter(|answer| answer.header("idempotency-replayed").is_none());
    assert_eq!(fresh.count(), 1);
    assert_eq!(
        api.send(Request::list("ann")).await.expect(200),
        json!([task])
    );
}

#[tokio::test]
async fn a_key_is_honoured_for_a_day() {
    let api = Handlers::start().await;
    let body = json!({"title": "t"});
    let send = async |key: &str| api.send(create("ann", key, &body)).await;
    let age = async |by: &str| {
        let update =
            format!("update idempotency_keys set created_at = created_at - interval '{by}'");
        api.database()
            .superuser()
            .await
            .batch_execute(&update)
            .await
            .unwrap();
    };
    let first = send("old").await.expect(201);
    age("23 hours 59 minutes").await;
    assert_eq!(send("old").await.expect(201)["id"], first["id"]);
    age("2 minutes").await;
    assert_ne!(send("old").await.expect(201)["id"], first["id"]);
}

#[tokio::test]
async fn a_malformed_key_is_refused_and_named() {
    let api = Handlers::start().await;
    let long = "k".repeat(256);
    for key in ["", "\"\"", "a b", "\"open", "ü", &long] {
        let answer = api.send(create("ann", key, &json!({"title": "t"}))).await;
        let expected = "Idempotency-Key must be one key of 1 to 255 visible ASCII characters";
        assert_eq!(answer.invalid_fields(), [expected], "{key}");
    }
}
