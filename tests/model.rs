//! Random sequences of operations, each answered as a simple model in memory answers it.

mod reference;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use proptest::test_runner::Config;
use proptest_state_machine::{StateMachineTest, prop_state_machine};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{BlockingHandlers, Reply, Request};
use reference::{FIELDS, Model, Reference, Step, TaskKey};

static API: LazyLock<BlockingHandlers> = LazyLock::new(BlockingHandlers::start);

prop_state_machine! {
    #![proptest_config(Config { cases: 64, failure_persistence: None, ..Config::default() })]

    #[test]
    fn every_sequence_of_operations_is_answered_as_by_the_model(sequential 1..40 => Service);
}

/// A user of the service, and the tasks that it has served.
struct Service {
    user: String,
    served: BTreeMap<TaskKey, ServedTask>,
}

/// A task, and its entity tag.
struct ServedTask {
    task: Value,
    etag: String,
}

impl StateMachineTest for Service {
    type SystemUnderTest = Self;
    type Reference = Reference;

    fn init_test(_: &Model) -> Self {
        Self {
            user: Uuid::new_v4().to_string(),
            served: BTreeMap::new(),
        }
    }

    fn apply(mut service: Self, model: &Model, step: Step) -> Self {
        let reply = API.send(service.request(&step));
        if model.status >= 400 {
            reply.problem(model.status);
            return service;
        }
        let body = reply.expect(model.status);
        match step {
            Step::List { status, sort } => assert_eq!(body, service.list(model, status, sort)),
            Step::Get { task } => assert_eq!(body, service.served[&TaskKey::Named(task)].task),
            Step::Delete { task, .. } => drop(service.served.remove(&TaskKey::Named(task))),
            _ => service.learn(model, &reply),
        }
        service
    }

    fn teardown(service: Self, model: Model) {
        let list = API.send(Request::list(&service.user).query("sort=created_at"));
        assert_eq!(list.expect(200), service.list(&model, "all", "created_at"));
    }
}

impl Service {
    fn request(&self, step: &Step) -> Request {
        let user = &self.user;
        match step {
            Step::Create { body } => Request::create(user).json(body),
            Step::Put { task, body } => Request::put(user, &id(*task))
                .json(body)
                .header("if-none-match", "*"),
            Step::Change { task, body, stale } => {
                let request = Request::patch(user, &id(*task)).json(body);
                request.header("if-match", self.etag(*task, *stale))
            }
            Step::Complete {
                task,
                completed: Some(completed),
            } => Request::complete(user, &id(*task)).json(&json!({"completed": completed})),
            Step::Complete {
                task,
                completed: None,
            } => Request::complete(user, &id(*task)),
            Step::Delete { task, stale } => {
                Request::delete(user, &id(*task)).header("if-match", self.etag(*task, *stale))
            }
            Step::Get { task } => Request::get(user, &id(*task)),
            Step::List { status, sort } => {
                Request::list(user).query(&format!("status={status}&sort={sort}"))
            }
        }
    }

    /// The entity tag of a task, or one that no task has.
    fn etag(&self, task: u8, stale: bool) -> &str {
        let served = self.served.get(&TaskKey::Named(task)).filter(|_| !stale);
        served.map_or("\"0\"", |served| &served.etag)
    }

    /// Takes over the task of a reply, which must be the one that the model has stored last.
    fn learn(&mut self, model: &Model, reply: &Reply) {
        let (key, expected) = model.stored.as_ref().unwrap();
        let task = reply.json();
        for field in FIELDS {
            assert_eq!(task[field], expected[field], "{field} of {task}");
        }
        assert_eq!(task["completed"], !task["completed_at"].is_null());
        if let Some(before) = self.served.get(key) {
            let constant =
                |task: &Value| ["id", "user_id", "created_at"].map(|field| task[field].clone());
            assert_eq!(constant(&task), constant(&before.task));
        }
        let etag = reply.header("etag").unwrap().to_owned();
        self.served.insert(*key, ServedTask { task, etag });
    }

    fn list(&self, model: &Model, status: &str, sort: &str) -> Value {
        model
            .list(status, sort)
            .iter()
            .map(|key| self.served[key].task.clone())
            .collect()
    }
}

fn id(task: u8) -> String {
    Uuid::from_u128(u128::from(task) + 1).to_string()
}
