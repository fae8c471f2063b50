//! The requests that are measured warm: each operation, with the statements that it sends.

use anyhow::{Result, anyhow};

use axum::body::Bytes;
use serde_json::json;
use shared::domain::{
    Batch, Change, Completion, ListQuery, NewTask, Operation, Precondition, Quota, TaskChanges,
    TaskFields, Title,
};
use shared::store::database::{Access, Repeat, Statement};
use shared::store::tasks::statements;
use uuid::Uuid;

use crate::database::task_id;
use crate::events::{Sender, title};
use crate::programs::FLOOR;

/// The user who sends the requests.
pub(crate) const USER: &str = "user-1000";

/// How many of the user's tasks are read and changed.
const TASKS: usize = 1000;

/// The user who is erased again and again: nothing is stored about them.
pub(crate) const NOBODY: &str = "nobody";

/// The database that all parts but one use.
pub(crate) const DATABASE: &str = "tasks";

/// How many requests are sent before those that are measured.
pub(crate) const WARM_UP: usize = 20;

/// The number of the first of the tasks that exist only to be deleted.
pub(crate) const DELETED: usize = 0x10_0000;

/// An operation, and the requests to it.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    pub(crate) label: &'static str,
    pub(crate) function: &'static str,
    /// How many requests are sent in one run.
    pub(crate) requests: usize,
    kind: RequestKind,
}

#[derive(Clone, Copy)]
enum RequestKind {
    Get,
    Create,
    Update,
    Complete,
    Delete,
    List(u16),
    Batch {
        atomic: bool,
    },
    Summary,
    /// Of a task in the trash.
    Trashed,
    Erase,
    Other,
}

const fn case(
    label: &'static str,
    function: &'static str,
    requests: usize,
    kind: RequestKind,
) -> Case {
    Case {
        label,
        function,
        requests,
        kind,
    }
}

/// Every operation, after the floor.
#[rustfmt::skip]
pub(crate) const CASES: &[Case] = &[
    case("floor (hello world)", FLOOR, 1000, RequestKind::Get),
    case("get-task", "get-task", 1000, RequestKind::Get),
    case("create-task", "create-task", 1000, RequestKind::Create),
    case("update-task", "update-task", 1000, RequestKind::Update),
    case("complete-task", "complete-task", 1000, RequestKind::Complete),
    case("delete-task", "delete-task", 1000, RequestKind::Delete),
    case("list-tasks, 50", "list-tasks", 1000, RequestKind::List(50)),
    case("list-tasks, 1,000", "list-tasks", 200, RequestKind::List(1000)),
    case("batch-tasks, 20 updates", "batch-tasks", 200, RequestKind::Batch { atomic: false }),
    case("batch-tasks, 20 updates, atomic", "batch-tasks", 200, RequestKind::Batch { atomic: true }),
    case("summarize-tasks, 1,000", "summarize-tasks", 200, RequestKind::Summary),
    case("export-user, 1,000", "export-user", 200, RequestKind::Other),
    case("list-changes, all of 1,000", "list-changes", 200, RequestKind::Other),
    case("list-trash, empty", "list-trash", 200, RequestKind::Other),
    case("restore-task", "restore-task", 200, RequestKind::Trashed),
    case("discard-task", "discard-task", 200, RequestKind::Trashed),
    case("empty-trash, nothing", "empty-trash", 200, RequestKind::Other),
    case("erase-user, nothing", "erase-user", 200, RequestKind::Erase),
    case("health", "health", 1000, RequestKind::Other),
    case("docs", "docs", 1000, RequestKind::Other),
];

impl Case {
    /// The case with this label.
    pub(crate) fn labelled(label: &str) -> Result<Self> {
        let case = CASES.iter().copied().find(|case| case.label == label);
        case.ok_or_else(|| anyhow!("no case is called {label}"))
    }

    /// How many tasks `requests` requests delete, or take out of the trash.
    pub(crate) fn deleted(&self, requests: usize) -> usize {
        match self.kind {
            RequestKind::Delete | RequestKind::Trashed => requests,
            _ => 0,
        }
    }

    /// Whether those tasks are in the trash.
    pub(crate) fn is_about_trash(&self) -> bool {
        matches!(self.kind, RequestKind::Trashed)
    }

    /// Who sends the requests.
    pub(crate) fn user(&self) -> &'static str {
        if matches!(self.kind, RequestKind::Erase) {
            NOBODY
        } else {
            USER
        }
    }

    /// The request number `n`.
    pub(crate) fn event(&self, sender: &Sender, n: usize) -> Result<Bytes> {
        let id = task_id(1 + n % TASKS);
        let event = sender.request(self.function)?;
        let event = match self.kind {
            RequestKind::Get => event.task(id),
            RequestKind::Create => event.titled(n),
            RequestKind::Update => event.task(id).titled(n),
            // Without a body it toggles, so that each request changes something.
            RequestKind::Complete => event.task(id).without_body(),
            RequestKind::Delete | RequestKind::Trashed => event.task(task_id(DELETED + n)),
            RequestKind::List(limit) => event.query(&format!("limit={limit}")),
            RequestKind::Batch { atomic } => {
                let operation = |(id, title)| json!({ "operation": "update", "id": id, "task": { "title": title } });
                let operations: Vec<_> = batched(n).map(operation).collect();
                event.json(&json!({ "atomic": atomic, "operations": operations }))
            }
            RequestKind::Erase => event.query(&format!("confirm={}", sender.user_id())),
            RequestKind::Summary | RequestKind::Other => event,
        };
        Ok(event.bytes())
    }

    /// What the transactions of these requests do.
    pub(crate) fn access(&self) -> Access {
        match self.kind {
            RequestKind::Get | RequestKind::List(_) | RequestKind::Summary | RequestKind::Other => {
                Access::Read
            }
            _ => Access::Write(Repeat::Unsafe),
        }
    }

    /// The statements that request number `n` sends; none for operations that are not compared with
    /// the limit.
    pub(crate) fn statements(&self, n: usize) -> Result<Vec<Statement>> {
        if self.function == FLOOR {
            return Ok(Vec::new());
        }
        let id = task_id(1 + n % TASKS);
        let any = Precondition::default();
        Ok(match self.kind {
            RequestKind::Get => vec![statements::get(id)],
            RequestKind::Create => one(&Operation::Create(new_task(n)?)),
            RequestKind::Update => one(&Operation::Update(id, retitled(n)?, any)),
            RequestKind::Complete => one(&Operation::Update(id, Completion::Toggle.into(), any)),
            RequestKind::Delete => one(&Operation::Delete(task_id(DELETED + n), any)),
            RequestKind::List(limit) => {
                let limit = Some(limit);
                let query = ListQuery {
                    limit,
                    ..ListQuery::default()
                };
                statements::list(&query, &[])
            }
            RequestKind::Batch { atomic } => {
                statements::batch(&batch(n, atomic)?, &Quota::default())
            }
            RequestKind::Summary => vec![statements::summarize(None)?],
            RequestKind::Trashed | RequestKind::Erase | RequestKind::Other => Vec::new(),
        })
    }
}

fn one(operation: &Operation) -> Vec<Statement> {
    vec![statements::operation(operation, &Quota::default())]
}

fn batch(n: usize, atomic: bool) -> Result<Batch> {
    let operation = |(id, _)| Ok(Operation::Update(id, retitled(n)?, Precondition::default()));
    let operations = batched(n).map(operation).collect::<Result<_>>()?;
    Ok(Batch { atomic, operations })
}

/// The tasks of batch number `n`, and their new titles.
fn batched(n: usize) -> impl Iterator<Item = (Uuid, String)> {
    (0..20).map(move |k| (task_id(1 + (n * 20 + k) % TASKS), title(n)))
}

fn retitled(n: usize) -> Result<TaskChanges> {
    Ok(TaskChanges {
        title: Change::Set(parsed(n)?),
        ..TaskChanges::default()
    })
}

fn parsed(n: usize) -> Result<Title> {
    Title::parse(&title(n)).map_err(|error| anyhow!("{error:?}"))
}

fn new_task(n: usize) -> Result<NewTask> {
    Ok(NewTask::new(TaskFields::new(parsed(n)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_that_serves_requests_is_measured() {
        let file = testbed::root().join("template.yaml");
        let template = local::template::Template::read(&file, |_| None);
        let functions = template
            .map(|template| template.functions)
            .unwrap_or_default();
        assert!(!functions.is_empty());
        for function in functions
            .iter()
            .filter(|function| !["migrate", "purge"].contains(&&*function.binary))
        {
            let is_measured = CASES.iter().any(|case| case.function == function.binary);
            assert!(is_measured, "{}", function.binary);
        }
    }
}
