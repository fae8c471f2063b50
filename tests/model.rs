//! Random sequences of operations, each answered as a simple model in memory answers it.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Handlers, Request};

/// What a client does. Tasks are named by number: those of the same number have the same id.
#[derive(Clone, Debug)]
enum Step {
    Create {
        body: Value,
    },
    Put {
        task: u8,
        body: Value,
    },
    Change {
        task: u8,
        body: Value,
        stale: bool,
    },
    Complete {
        task: u8,
        completed: Option<bool>,
    },
    Delete {
        task: u8,
        stale: bool,
    },
    Get {
        task: u8,
    },
    List {
        status: &'static str,
        sort: &'static str,
    },
}

fn fields() -> impl Strategy<Value = Value> {
    let due = prop_oneof![
        Just(Value::Null),
        Just(json!("2026-12-01")),
        Just(json!("2026-12-01T08:00:00+02:00"))
    ];
    let priority = prop_oneof![Just("none"), Just("low"), Just("urgent")];
    let description = prop::option::of("[a-z ]{0,5}");
    (any::<u8>(), "[a-c]{1,2}", description, any::<bool>(), due, priority, prop::collection::btree_set("[ab]", 0..3))
        .prop_map(|(chosen, title, description, completed, due, priority, tags)| {
            let all = json!({
                "title": title, "description": description, "completed": completed, "due": due, "priority": priority,
                "tags": tags,
            });
            let members = all.as_object().unwrap().iter().enumerate();
            members.filter(|(bit, _)| chosen >> bit & 1 == 1).map(|(_, (k, v))| (k.clone(), v.clone())).collect()
        })
}

fn step() -> impl Strategy<Value = Step> {
    let task = || 0..4_u8;
    prop_oneof![
        fields().prop_map(|body| Step::Create { body }),
        (task(), fields()).prop_map(|(task, body)| Step::Put { task, body }),
        (task(), fields(), any::<bool>()).prop_map(|(task, body, stale)| Step::Change {
            task,
            body,
            stale
        }),
        (task(), any::<Option<bool>>())
            .prop_map(|(task, completed)| Step::Complete { task, completed }),
        (task(), any::<bool>()).prop_map(|(task, stale)| Step::Delete { task, stale }),
        task().prop_map(|task| Step::Get { task }),
        (
            prop_oneof![Just("all"), Just("pending"), Just("completed")],
            prop_oneof![Just("created_at"), Just("-priority")]
        )
            .prop_map(|(status, sort)| Step::List { status, sort }),
    ]
}

/// The tasks of one user as they should be, by id.
#[derive(Default)]
struct Model {
    tasks: BTreeMap<String, Value>,
}

const INPUT: [&str; 6] = [
    "title",
    "description",
    "completed",
    "due",
    "priority",
    "tags",
];

impl Model {
    /// Takes over a stored task, which must be what was asked for.
    fn store(&mut self, base: Option<&Value>, body: &Value, task: Value) {
        let default = json!({
            "description": null, "completed": false, "due": null, "priority": "none", "tags": [],
        });
        for field in INPUT {
            let expected = body
                .get(field)
                .unwrap_or_else(|| &base.unwrap_or(&default)[field]);
            assert_eq!(&task[field], expected, "{field} of {task} after {body}");
        }
        assert_eq!(task["completed"], !task["completed_at"].is_null());
        self.tasks
            .insert(task["id"].as_str().unwrap().to_owned(), task);
    }

    fn list(&self, status: &str, sort: &str) -> Value {
        let mut tasks: Vec<_> = self.tasks.values().cloned().collect();
        tasks.retain(|task| status == "all" || task["completed"] == (status == "completed"));
        let rank = |task: &Value| {
            ["none", "low", "medium", "high", "urgent"]
                .iter()
                .position(|name| task["priority"] == *name)
        };
        let text = |task: &Value, field: &str| task[field].as_str().unwrap().to_owned();
        if sort == "created_at" {
            tasks.sort_by_key(|task| (text(task, "created_at"), text(task, "id")));
        } else {
            tasks.sort_by_key(|task| std::cmp::Reverse((rank(task), text(task, "id"))));
        }
        json!(tasks)
    }
}

fn id(task: u8) -> String {
    Uuid::from_u128(u128::from(task) + 1).to_string()
}

async fn run(api: &Handlers, user: &str, steps: &[Step]) {
    let mut model = Model::default();
    for step in steps {
        apply(api, user, &mut model, step).await;
    }
    let list = api
        .send(Request::list(user).query("sort=created_at"))
        .await
        .expect(200);
    assert_eq!(list, model.list("all", "created_at"));
}

/// The header that makes a change conditional on the state that the model has, or on an older one.
fn if_match(model: &Model, id: &str, stale: bool) -> String {
    let updated_at = model
        .tasks
        .get(id)
        .map(|task| task["updated_at"].as_str().unwrap());
    let time: jiff::Timestamp = updated_at
        .unwrap_or("2026-01-01T00:00:00Z")
        .parse()
        .unwrap();
    format!("\"{:x}\"", time.as_microsecond() - i64::from(stale))
}

async fn apply(api: &Handlers, user: &str, model: &mut Model, step: &Step) {
    match step {
        Step::Create { body } => {
            let answer = api.send(Request::create(user).json(body)).await;
            if body.get("title").is_none() {
                answer.problem(400);
            } else {
                model.store(None, body, answer.expect(201));
            }
        }
        Step::Put { task, body } => {
            let request = Request::put(user, &id(*task))
                .json(body)
                .header("if-none-match", "*");
            let answer = api.send(request).await;
            if body.get("title").is_none() {
                answer.problem(400);
            } else if model.tasks.contains_key(&id(*task)) {
                answer.problem(412);
            } else {
                model.store(None, body, answer.expect(201));
            }
        }
        Step::Change { task, body, stale } => {
            let id = id(*task);
            let request = Request::patch(user, &id)
                .json(body)
                .header("if-match", &if_match(model, &id, *stale));
            let answer = api.send(request).await;
            match model.tasks.get(&id).cloned() {
                None => drop(answer.problem(404)),
                Some(_) if *stale => drop(answer.problem(412)),
                Some(before) => model.store(Some(&before), body, answer.expect(200)),
            }
        }
        Step::Complete { task, completed } => {
            let request = Request::complete(user, &id(*task));
            let request = match completed {
                Some(completed) => request.json(&json!({"completed": completed})),
                None => request,
            };
            let answer = api.send(request).await;
            let Some(before) = model.tasks.get(&id(*task)).cloned() else {
                return drop(answer.problem(404));
            };
            let completed = completed.unwrap_or(before["completed"] == false);
            model.store(
                Some(&before),
                &json!({"completed": completed}),
                answer.expect(200),
            );
        }
        Step::Delete { task, stale } => {
            let id = id(*task);
            let request =
                Request::delete(user, &id).header("if-match", &if_match(model, &id, *stale));
            let expected = match model.tasks.get(&id) {
                None => 404,
                Some(_) if *stale => 412,
                Some(_) => 204,
            };
            api.send(request).await.expect(expected);
            if expected == 204 {
                model.tasks.remove(&id);
            }
        }
        Step::Get { task } => {
            let answer = api.send(Request::get(user, &id(*task))).await;
            match model.tasks.get(&id(*task)) {
                Some(task) => assert_eq!(&answer.expect(200), task),
                None => drop(answer.problem(404)),
            }
        }
        Step::List { status, sort } => {
            let query = format!("status={status}&sort={sort}");
            let list = api
                .send(Request::list(user).query(&query))
                .await
                .expect(200);
            assert_eq!(list, model.list(status, sort), "{query}");
        }
    }
}

#[test]
fn every_sequence_of_operations_is_answered_as_by_the_model() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let api = runtime.block_on(Handlers::start());
    let mut runner = TestRunner::new(Config {
        cases: 64,
        failure_persistence: None,
        ..Config::default()
    });
    let steps = prop::collection::vec(step(), 1..40);
    // Each sequence is of a user of its own.
    let outcome = runner.run(&(steps, any::<u128>()), |(steps, user)| {
        let user = Uuid::from_u128(user).to_string();
        runtime.block_on(run(&api, &user, &steps));
        Ok(())
    });
    outcome.unwrap();
    drop(runtime);
}
