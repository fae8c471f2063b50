//! Several operations in one transaction.

use std::iter::once;

use tokio_postgres::Row;
use uuid::Uuid;

use super::{Precondition, change, insert};
use crate::db::Statement;
use crate::{Answer, Caller, Error, NewTask, Task, TaskChanges};

/// The most operations of a batch.
pub const BATCH_MAX_OPERATIONS: usize = 100;

/// Operations that are done in their order, in one transaction: each sees what those before it did.
#[derive(Debug)]
pub struct Batch {
    /// Whether nothing is done when one of them fails.
    pub atomic: bool,
    /// The operations; in the place of one that is invalid, what is wrong with it.
    pub operations: Vec<Answer<Operation>>,
}

/// One operation of a batch.
#[derive(Debug)]
pub enum Operation {
    /// Stores a new task, unless the caller has a task of its id: [`Error::AlreadyExists`].
    Create(NewTask),
    /// Changes the task of that id.
    Change(Uuid, TaskChanges, Precondition),
    /// Deletes the task of that id.
    Delete(Uuid, Precondition),
}

/// What became of an operation that was done.
#[derive(Debug)]
pub enum Outcome {
    /// The task is stored now.
    Created(Task),
    /// The task as it was after the operation.
    Changed(Task),
    /// The task is gone.
    Deleted,
}

/// Batches of one user are done one after the other. Else two that name the same tasks in different orders would wait
/// for each other in a circle, and PostgreSQL would let one fail. To lock those tasks first would not do: what two
/// batches create under the same ids is not there to be locked, and they wait for each other all the same.
///
/// Users share no tasks. An operation on one task holds none while it waits for it; one on several takes turns as well.
pub(super) const TAKE_TURNS: &str =
    "select pg_advisory_xact_lock(hashtextextended('batch ' || $1, 0))";

/// Leaves a note until the transaction ends that this operation failed. True, where statements need a condition.
macro_rules! note_failure {
    () => {
        "set_config('app.failure', 'an operation of the batch failed', true) <> ''"
    };
}
pub(super) use note_failure;

/// Fails when there is a note, since it is no number: PostgreSQL itself then rolls an atomic batch back, in the round trip
/// that it was sent in. Without a note the setting is unknown, or empty after an earlier transaction.
const NONE_FAILED: &str = "select nullif(current_setting('app.failure', true), '')::int";

impl Operation {
    fn statement(&self) -> Statement {
        match self {
            Self::Create(new) => insert::if_absent(new),
            Self::Change(id, changes, precondition) => change::update(*id, changes, precondition),
            Self::Delete(id, precondition) => change::delete(*id, precondition),
        }
    }

    fn outcome(self, rows: &[Row], caller: &Caller) -> Answer<Outcome> {
        match self {
            Self::Create(new) => insert::stored(rows, caller, new)?
                .map(Outcome::Created)
                .ok_or(Error::AlreadyExists),
            Self::Change(_, _, precondition) => change::found(rows, &precondition)
                .and_then(Task::try_from)
                .map(Outcome::Changed),
            Self::Delete(_, precondition) => {
                change::found(rows, &precondition).map(|_| Outcome::Deleted)
            }
        }
    }
}

/// A statement for each valid operation, after the one that waits for the caller's turn.
pub(super) fn statements(batch: &Batch) -> Vec<Statement> {
    let operations = batch.operations.iter().flatten().map(Operation::statement);
    once(Statement::new(TAKE_TURNS)).chain(operations).collect()
}

/// The condition of an atomic batch.
pub(super) fn none_failed() -> Statement {
    Statement::new(NONE_FAILED)
}

/// What became of each operation.
pub(super) fn outcomes(
    batch: Batch,
    results: &[Vec<Row>],
    caller: &Caller,
) -> Answer<Vec<Answer<Outcome>>> {
    let mut results = results.iter().skip(1);
    let outcomes = batch.operations.into_iter().map(|operation| {
        let outcome = operation.and_then(|operation| {
            let rows = results.next().map(Vec::as_slice).unwrap_or_default();
            operation.outcome(rows, caller)
        });
        match outcome {
            // A row that cannot be read is a defect: the whole request tells of it, as its log line does.
            Err(error @ Error::Internal(_)) => Err(error),
            outcome => Ok(outcome),
        }
    });
    outcomes.collect()
}

/// Fails when an operation did, with all that failed.
pub(super) fn all_or_nothing(
    outcomes: Vec<Answer<Outcome>>,
    stored: bool,
) -> Answer<Vec<Answer<Outcome>>> {
    match (outcomes.iter().all(Result::is_ok), stored) {
        (true, true) => Ok(outcomes),
        (false, false) => {
            let failed = outcomes.into_iter().enumerate();
            let failed = failed.filter_map(|(index, outcome)| Some((index, outcome.err()?)));
            Err(Error::BatchFailed(failed.collect()))
        }
        (done, _) => Err(Error::Internal(format!(
            "operations done: {done}, stored: {stored}"
        ))),
    }
}
