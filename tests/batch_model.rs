//! Random batches, each answered as its operations are when they are requests of their own.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Handlers, Reply, Request};

/// Operations on four tasks, some of them invalid.
fn operation() -> impl Strategy<Value = Value> {
    let id = (0..4_u128).prop_map(|number| Uuid::from_u128(number + 1));
    let kind = prop_oneof![
        Just("create"),
        Just("update"),
        Just("complete"),
        Just("delete")
    ];
    let if_match = prop_oneof![4 => Just(None), 1 => Just(Some("*")), 1 => Just(Some("\"1\""))];
    let due = prop_oneof![
        Just(Value::Null),
        Just(json!("2026-12-01")),
        Just(json!("2026-12-01T08:00:00+02:00"))
    ];
    let completed = any::<Option<bool>>();
    (id, kind, "[ab]{0,2}", due, if_match, completed).prop_map(
        |(id, kind, title, due, if_match, completed)| {
            let mut operation = json!({"operation": kind, "id": id});
            if matches!(kind, "create" | "update") {
                operation["task"] = json!({"title": title, "due": due});
            }
            if let Some(if_match) = if_match.filter(|_| kind != "create") {
                operation["if_match"] = json!(if_match);
            }
            if let Some(completed) = completed.filter(|_| kind == "complete") {
                operation["completed"] = json!(completed);
            }
            operation
        },
    )
}

/// The same as a request of its own.
fn alone(user: &str, operation: &Value) -> Request {
    let id = operation["id"].as_str().unwrap();
    let request = match operation["operation"].as_str().unwrap() {
        "create" => Request::put(user, id)
            .header("if-none-match", "*")
            .json(&operation["task"]),
        "update" => Request::put(user, id).json(&operation["task"]),
        "delete" => Request::delete(user, id),
        _ if operation["completed"].is_boolean() => {
            Request::complete(user, id).json(&json!({"completed": operation["completed"]}))
        }
        _ => Request::complete(user, id),
    };
    match operation["if_match"].as_str() {
        Some(if_match) => request.header("if-match", if_match),
        None => request,
    }
}

/// What does not differ from user to user and from time to time.
fn constant(task: &Value) -> Value {
    if task.is_null() {
        return Value::Null;
    }
    ["id", "title", "completed", "due"]
        .iter()
        .map(|field| task[field].clone())
        .collect()
}

fn status_alone(operation: &Value, answer: &Reply) -> u16 {
    match answer.status {
        412 if operation["operation"] == "create" => 409,
        status => status,
    }
}

async fn list(api: &Handlers, user: &str) -> Vec<Value> {
    let list = api.send(Request::list(user)).await.expect(200);
    let mut tasks: Vec<Value> = list.as_array().unwrap().iter().map(constant).collect();
    tasks.sort_by_key(Value::to_string);
    tasks
}

async fn run(api: &Handlers, user: &str, batches: &[Vec<Value>]) {
    let [single, other] = ["single", "batch"].map(|kind| format!("{kind} {user}"));
    for operations in batches {
        let mut expected = Vec::new();
        for operation in operations {
            let answer = api.send(alone(&single, operation)).await;
            let task = if answer.status < 204 {
                answer.json()
            } else {
                Value::Null
            };
            expected.push((json!(status_alone(operation, &answer)), constant(&task)));
        }
        let fails = expected
            .iter()
            .any(|(status, _)| status.as_u64() >= Some(400));

        let before = list(api, &other).await;
        let mut answer = api
            .send(Request::batch(&other, true, &json!(operations)))
            .await;
        if fails {
            assert!([400, 409].contains(&answer.status), "{answer:?}");
            assert_eq!(list(api, &other).await, before, "{operations:?}");
            answer = api
                .send(Request::batch(&other, false, &json!(operations)))
                .await;
        }

        let answer = answer.expect(200);
        let results = answer["results"].as_array().unwrap().iter();
        let results: Vec<_> = results
            .map(|result| (result["status"].clone(), constant(&result["task"])))
            .collect();
        assert_eq!(results, expected, "{operations:?}");
        assert_eq!(list(api, &other).await, list(api, &single).await);
    }
}

#[test]
fn every_batch_is_answered_as_its_operations_are_alone() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let api = runtime.block_on(Handlers::start());
    let mut runner = TestRunner::new(Config {
        cases: 48,
        failure_persistence: None,
        ..Config::default()
    });
    let batches = prop::collection::vec(prop::collection::vec(operation(), 1..12), 1..4);
    let outcome = runner.run(&(batches, any::<u128>()), |(batches, user)| {
        runtime.block_on(run(&api, &Uuid::from_u128(user).to_string(), &batches));
        Ok(())
    });
    outcome.unwrap();
    drop(runtime);
}
