//! What is measured warm: each operation, and the statements that it sends.

use axum::body::Bytes;
use serde_json::json;
use shared::domain::{
    Batch, Change, Completion, ListQuery, NewTask, Operation, Precondition, TaskChanges,
    TaskFields, Title,
};
use shared::store::database::Statement;
use shared::store::tasks::statements;
use uuid::Uuid;

use crate::database::task_id;
use crate::error::BenchError;
use crate::events::Events;

/// The user whose requests they are; of the tasks that it has, these are read and changed.
pub(crate) const USER: &str = "user-1000";
const TASKS: usize = 1000;

/// The database of the parts that need no other.
pub(crate) const DATABASE: &str = "tasks";

/// Requests before those that are measured.
pub(crate) const WARM_UP: usize = 20;

/// Where the ids of tasks begin that are there to be deleted.
pub(crate) const DELETED: usize = 0x10_0000;

/// An operation with its way to ask for it.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    pub(crate) label: &'static str,
    pub(crate) function: &'static str,
    /// How many times it is asked in one run.
    pub(crate) requests: usize,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Get,
    Create,
    Update,
    Complete,
    Delete,
    List(u16),
    Batch { atomic: bool },
    Summary,
    Other,
}

const fn case(label: &'static str, function: &'static str, requests: usize, kind: Kind) -> Case {
    Case {
        label,
        function,
        requests,
        kind,
    }
}

/// The operations, the yardstick first.
pub(crate) const CASES: [Case; 15] = [
    case(
        "floor (hello world)",
        crate::programs::FLOOR,
        1000,
        Kind::Other,
    ),
    case("get-task", "get-task", 1000, Kind::Get),
    case("create-task", "create-task", 1000, Kind::Create),
    case("update-task", "update-task", 1000, Kind::Update),
    case("complete-task", "complete-task", 1000, Kind::Complete),
    case("delete-task", "delete-task", 1000, Kind::Delete),
    case("list-tasks, 50", "list-tasks", 1000, Kind::List(50)),
    case("list-tasks, 1,000", "list-tasks", 200, Kind::List(1000)),
    case(
        "batch-tasks, 20 updates",
        "batch-tasks",
        200,
        Kind::Batch { atomic: false },
    ),
    case(
        "batch-tasks, 20 updates, atomic",
        "batch-tasks",
        200,
        Kind::Batch { atomic: true },
    ),
    case(
        "summarize-tasks, 1,000",
        "summarize-tasks",
        200,
        Kind::Summary,
    ),
    case("export-user, 1,000", "export-user", 200, Kind::Other),
    case("erase-user, nothing", "erase-user", 200, Kind::Other),
    case("health", "health", 1000, Kind::Other),
    case("docs", "docs", 1000, Kind::Other),
];

impl Case {
    /// The one of this label.
    pub(crate) fn labelled(label: &str) -> Result<Self, BenchError> {
        let case = CASES.into_iter().find(|case| case.label == label);
        case.ok_or_else(|| BenchError::Unexpected(format!("no {label} is measured")))
    }

    /// How many of so many requests delete a task each.
    pub(crate) fn deleted(&self, requests: usize) -> usize {
        if matches!(self.kind, Kind::Delete) {
            requests
        } else {
            0
        }
    }

    /// The request number `n`.
    pub(crate) fn event(&self, events: &Events, n: usize) -> Bytes {
        let id = task_id(1 + n % TASKS);
        let event = match self.kind {
            Kind::Get => events.request("get-task").task(id),
            Kind::Create => events
                .request("create-task")
                .body(Some(&json!({ "title": title(n) }))),
            Kind::Update => events
                .request("update-task")
                .task(id)
                .body(Some(&json!({ "title": title(n) }))),
            // Without a body it toggles, so that each request changes something.
            Kind::Complete => events.request("complete-task").task(id).body(None),
            Kind::Delete => events.request("delete-task").task(task_id(DELETED + n)),
            Kind::List(limit) => events
                .request("list-tasks")
                .query(&format!("limit={limit}")),
            Kind::Batch { atomic } => {
                let operation = |(id, title)| json!({ "operation": "update", "id": id, "task": { "title": title } });
                let operations: Vec<_> = batched(n).map(operation).collect();
                events
                    .request("batch-tasks")
                    .body(Some(&json!({ "atomic": atomic, "operations": operations })))
            }
            Kind::Other if self.function == "erase-user" => return erase(events),
            Kind::Other if self.function == crate::programs::FLOOR => {
                events.request("get-task").task(id)
            }
            Kind::Summary | Kind::Other => events.request(self.function),
        };
        event.bytes()
    }

    /// The statements of request number `n`; none when there is no limit to compare with.
    pub(crate) fn statements(&self, n: usize) -> Result<Vec<Statement>, BenchError> {
        let id = task_id(1 + n % TASKS);
        let any = Precondition::default();
        Ok(match self.kind {
            Kind::Get => vec![statements::get(id)],
            Kind::Create => vec![statements::create(&new_task(n)?)],
            Kind::Update => vec![statements::update(id, &retitled(n)?, &any)],
            Kind::Complete => vec![statements::update(id, &Completion::Toggle.into(), &any)],
            Kind::Delete => vec![statements::delete(task_id(DELETED + n), &any)],
            Kind::List(limit) => statements::list(&ListQuery {
                limit: Some(limit),
                ..ListQuery::default()
            }),
            Kind::Batch { atomic } => {
                let operation =
                    |(id, _)| Ok(Operation::Update(id, retitled(n)?, Precondition::default()));
                let operations = batched(n)
                    .map(operation)
                    .collect::<Result<Vec<_>, BenchError>>()?;
                statements::batch(&Batch { atomic, operations })
            }
            Kind::Summary => vec![statements::summarize(None)?],
            Kind::Other => Vec::new(),
        })
    }
}

/// It erases what its user has: that is somebody else.
fn erase(events: &Events) -> Bytes {
    events
        .request("erase-user")
        .query(&format!("confirm={}", events.user()))
        .bytes()
}

/// The tasks of batch number `n`, and their new titles.
fn batched(n: usize) -> impl Iterator<Item = (Uuid, String)> {
    (0..20).map(move |k| (task_id(1 + (n * 20 + k) % TASKS), title(n)))
}

fn retitled(n: usize) -> Result<TaskChanges, BenchError> {
    Ok(TaskChanges {
        title: Change::Set(parsed(n)?),
        ..TaskChanges::default()
    })
}

fn title(n: usize) -> String {
    format!("Changed {n}")
}

fn parsed(n: usize) -> Result<Title, BenchError> {
    Title::parse(&title(n)).map_err(|error| BenchError::Unexpected(format!("{error:?}")))
}

fn new_task(n: usize) -> Result<NewTask, BenchError> {
    Ok(NewTask {
        id: Uuid::now_v7(),
        fields: TaskFields::new(parsed(n)?),
    })
}
