//! The most expensive requests that a user at their quota may send.

use axum::extract::State;
use shared::domain::{
    Batch, Change, Completion, Description, ListQuery, Operation, Precondition, Quota, Search,
    TaskChanges,
};
use shared::http::{ApiError, Caller, NoContent};
use shared::store::Database;
use shared::store::database::{Access, Repeat, Statement};
use shared::store::tasks::statements;
use uuid::Uuid;

use crate::harness::{Handlers, Request};

/// What the hostile user sends.
#[derive(Clone, Copy)]
pub struct Attack {
    pub name: &'static str,
    access: Access,
    statements: fn() -> Vec<Statement>,
}

pub const ATTACKS: [Attack; 5] = [
    Attack {
        name: "pages of 1,000 tasks",
        access: Access::Read,
        statements: page,
    },
    Attack {
        name: "searches for 10 words that no task has",
        access: Access::Read,
        statements: search,
    },
    Attack {
        name: "summaries",
        access: Access::Read,
        statements: || vec![statements::summarize(None).unwrap()],
    },
    Attack {
        name: "batches that change 100 long descriptions",
        access: Access::Write(Repeat::Unsafe),
        statements: batch,
    },
    Attack {
        name: "toggles of one task",
        access: Access::Write(Repeat::Unsafe),
        statements: toggle,
    },
];

impl Attack {
    /// Sends one request, and returns the status of the answer.
    pub async fn run(self, api: &Handlers) -> u16 {
        let run = move |Caller(session): Caller, State(database): State<Database>| async move {
            let statements = (self.statements)();
            let results = database.run(&session, &statements, self.access).await;
            results.map(|_| NoContent).map_err(ApiError::from)
        };
        api.call(run, &Request::list("mallory")).await.status
    }
}

/// Not the list of all tasks: in a debug build, reading it takes this process longer than it takes
/// PostgreSQL to send it.
fn page() -> Vec<Statement> {
    let limit = Some(1000);
    let query = ListQuery {
        limit,
        ..ListQuery::default()
    };
    statements::list(&query, &[])
}

fn search() -> Vec<Statement> {
    let words = "0 1 2 3 4 5 6 7 8 xyz";
    let query = ListQuery {
        search: Some(Search::parse(words).unwrap()),
        count: true,
        ..ListQuery::default()
    };
    statements::list(&query, &[])
}

fn task_id(n: u128) -> Uuid {
    Uuid::from_u128(0x7000_8000_0000_0000_0000 + n)
}

fn batch() -> Vec<Statement> {
    let description = || Description::parse(format!("{} ", Uuid::new_v4()).repeat(270)).unwrap();
    let update = |n| {
        let changes = TaskChanges {
            description: Change::Set(Some(description())),
            ..TaskChanges::default()
        };
        Operation::Update(task_id(n), changes, Precondition::default())
    };
    let batch = Batch {
        atomic: true,
        operations: (1..=100).map(update).collect(),
    };
    let boundless = Quota {
        tasks: i64::MAX,
        text_bytes: i64::MAX,
    };
    statements::batch(&batch, &boundless)
}

fn toggle() -> Vec<Statement> {
    let toggle = Operation::Update(
        task_id(1),
        Completion::Toggle.into(),
        Precondition::default(),
    );
    vec![statements::operation(&toggle, &Quota::default())]
}
