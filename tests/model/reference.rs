//! The model: what the tasks of one user should be.

use std::cmp::Reverse;

use proptest::prelude::*;
use proptest_state_machine::ReferenceStateMachine;
use serde_json::{Value, json};

/// The fields of a task that clients set.
pub const FIELDS: [&str; 6] = [
    "title",
    "description",
    "completed",
    "due",
    "priority",
    "tags",
];

/// What a client does. `task` is the number of a task whose ID the client has chosen.
#[derive(Clone, Debug)]
pub enum Step {
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

/// Names a task, in the order of IDs: those that the service makes are above those that clients
/// choose here.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum TaskKey {
    /// A task whose ID the client has chosen.
    Named(u8),
    /// The task of this number whose ID the service has made.
    Created(usize),
}

/// The tasks of a user, and the answer to the last step.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// In the order of their creation.
    tasks: Vec<(TaskKey, Value)>,
    created: usize,
    /// The status of the last answer.
    pub status: u16,
    /// The task that was stored last.
    pub stored: Option<(TaskKey, Value)>,
}

pub struct Reference;

impl ReferenceStateMachine for Reference {
    type State = Model;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Model> {
        Just(Model::default()).boxed()
    }

    fn transitions(_: &Model) -> BoxedStrategy<Step> {
        let task = || 0..4_u8;
        let status = prop_oneof![Just("all"), Just("pending"), Just("completed")];
        let sort = prop_oneof![Just("created_at"), Just("-priority")];
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
            (status, sort).prop_map(|(status, sort)| Step::List { status, sort }),
        ]
        .boxed()
    }

    fn apply(mut model: Model, step: &Step) -> Model {
        model.status = model.answer(step);
        model
    }
}

/// Some of the fields of a task.
fn fields() -> impl Strategy<Value = Value> {
    let due = prop_oneof![
        Just(Value::Null),
        Just(json!("2026-12-01")),
        Just(json!("2026-12-01T08:00:00+02:00"))
    ];
    let priority = prop_oneof![Just("none"), Just("low"), Just("urgent")];
    let description = prop::option::of("[a-z ]{0,5}");
    let tags = prop::collection::btree_set("[ab]", 0..3);
    let values = (
        "[a-c]{1,2}",
        description,
        any::<bool>(),
        due,
        priority,
        tags,
    );
    (any::<[bool; 6]>(), values).prop_map(|(chosen, values)| {
        let (title, description, completed, due, priority, tags) = values;
        let values = [
            json!(title),
            json!(description),
            json!(completed),
            due,
            json!(priority),
            json!(tags),
        ];
        let members = FIELDS.into_iter().zip(values).zip(chosen);
        let members = members.filter(|(_, is_chosen)| *is_chosen);
        members
            .map(|((field, value), _)| (field.to_owned(), value))
            .collect()
    })
}

impl Model {
    /// Does the step, and returns the status of the answer.
    fn answer(&mut self, step: &Step) -> u16 {
        match step {
            Step::Create { body } | Step::Put { body, .. } if body.get("title").is_none() => 400,
            Step::Create { body } => {
                self.created += 1;
                self.create(TaskKey::Created(self.created), body)
            }
            Step::Put { task, .. } if self.find(*task).is_some() => 412,
            Step::Put { task, body } => self.create(TaskKey::Named(*task), body),
            Step::Change { task, .. }
            | Step::Complete { task, .. }
            | Step::Delete { task, .. }
            | Step::Get { task }
                if self.find(*task).is_none() =>
            {
                404
            }
            Step::Change { stale: true, .. } | Step::Delete { stale: true, .. } => 412,
            Step::Change { task, body, .. } => self.change(*task, |_| body.clone()),
            Step::Complete { task, completed } => self.change(
                *task,
                |before| json!({"completed": completed.unwrap_or(before["completed"] == false)}),
            ),
            Step::Delete { task, .. } => {
                self.tasks.retain(|(key, _)| *key != TaskKey::Named(*task));
                204
            }
            Step::Get { .. } | Step::List { .. } => 200,
        }
    }

    fn find(&mut self, task: u8) -> Option<&mut Value> {
        let mut tasks = self.tasks.iter_mut();
        tasks
            .find(|(key, _)| *key == TaskKey::Named(task))
            .map(|(_, task)| task)
    }

    fn create(&mut self, key: TaskKey, body: &Value) -> u16 {
        let mut task = json!({
            "description": null, "completed": false, "due": null, "priority": "none", "tags": [],
        });
        set(&mut task, body);
        self.tasks.push((key, task.clone()));
        self.stored = Some((key, task));
        201
    }

    fn change(&mut self, task: u8, changes: impl Fn(&Value) -> Value) -> u16 {
        if let Some(stored) = self.find(task) {
            let changes = changes(stored);
            set(stored, &changes);
            self.stored = Some((TaskKey::Named(task), stored.clone()));
        }
        200
    }

    /// The tasks that a list holds, in its order.
    pub fn list(&self, status: &str, sort: &str) -> Vec<TaskKey> {
        let has_status =
            |task: &Value| status == "all" || task["completed"] == (status == "completed");
        let mut tasks: Vec<_> = self
            .tasks
            .iter()
            .filter(|(_, task)| has_status(task))
            .collect();
        if sort == "-priority" {
            let rank = |task: &Value| {
                ["none", "low", "urgent"]
                    .iter()
                    .position(|name| task["priority"] == *name)
            };
            tasks.sort_by_key(|(key, task)| Reverse((rank(task), *key)));
        }
        tasks.into_iter().map(|(key, _)| *key).collect()
    }
}

/// Gives a task the fields of a body.
fn set(task: &mut Value, body: &Value) {
    for field in FIELDS {
        if let Some(value) = body.get(field) {
            task[field] = value.clone();
        }
    }
}
