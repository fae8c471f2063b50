//! Random batches. Each operation has the result that it has as a request of its own.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::test_runner::Config;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{BlockingHandlers, Reply, Request};

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

/// The operation as a request of its own.
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

/// The fields of a task that do not depend on the user and the time.
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

fn list(user: &str) -> Vec<Value> {
    let list = API.send(Request::list(user)).expect(200);
    let mut tasks: Vec<Value> = list.as_array().unwrap().iter().map(constant).collect();
    tasks.sort_by_key(Value::to_string);
    tasks
}

static API: LazyLock<BlockingHandlers> = LazyLock::new(BlockingHandlers::start);

prop_state_machine! {
    #![proptest_config(Config { cases: 48, failure_persistence: None, ..Config::default() })]

    #[test]
    fn every_batch_is_answered_as_its_operations_are_alone(sequential 1..4 => TwoUsers);
}

/// Two users with the same tasks: one sends the operations alone, the other in batches.
struct TwoUsers {
    alone: String,
    batched: String,
}

/// Nothing is modelled: the first user shows what is expected of the second.
struct Batches;

impl ReferenceStateMachine for Batches {
    type State = ();
    type Transition = Vec<Value>;

    fn init_state() -> BoxedStrategy<()> {
        Just(()).boxed()
    }

    fn transitions((): &()) -> BoxedStrategy<Vec<Value>> {
        prop::collection::vec(operation(), 1..12).boxed()
    }

    fn apply((): (), _: &Vec<Value>) {}
}

impl StateMachineTest for TwoUsers {
    type SystemUnderTest = Self;
    type Reference = Batches;

    fn init_test((): &()) -> Self {
        let [alone, batched] = [(); 2].map(|()| Uuid::new_v4().to_string());
        Self { alone, batched }
    }

    fn apply(users: Self, (): &(), operations: Vec<Value>) -> Self {
        let expected: Vec<_> = operations
            .iter()
            .map(|operation| users.send_alone(operation))
            .collect();
        let fails = expected
            .iter()
            .any(|(status, _)| status.as_u64() >= Some(400));
        let before = list(&users.batched);
        let mut reply = users.send_batch(true, &operations);
        if fails {
            assert!([400, 409].contains(&reply.status), "{reply:?}");
            assert_eq!(list(&users.batched), before, "{operations:?}");
            reply = users.send_batch(false, &operations);
        }
        let answer = reply.expect(200);
        let results = answer["results"].as_array().unwrap().iter();
        let results: Vec<_> = results
            .map(|result| (result["status"].clone(), constant(&result["task"])))
            .collect();
        assert_eq!(results, expected, "{operations:?}");
        users
    }

    fn check_invariants(users: &Self, (): &()) {
        assert_eq!(list(&users.batched), list(&users.alone));
    }
}

impl TwoUsers {
    /// The status that the operation has in a batch, and the task.
    fn send_alone(&self, operation: &Value) -> (Value, Value) {
        let reply = API.send(alone(&self.alone, operation));
        let task = if reply.status < 204 {
            reply.json()
        } else {
            Value::Null
        };
        (json!(status_alone(operation, &reply)), constant(&task))
    }

    fn send_batch(&self, atomic: bool, operations: &[Value]) -> Reply {
        API.send(Request::batch(&self.batched, atomic, &json!(operations)))
    }
}
