//! Several operations in one transaction.
//!
//! `record_failure()` records, for this transaction, that an operation failed. At the end of an
//! atomic batch, `raise_if_failed()` raises an error if one has, so that PostgreSQL rolls back
//! everything in the round trip in which it was sent. The results still say which operations
//! failed.

use std::iter::once;

use tokio_postgres::Row;

use super::change::{self, Sent};
use super::columns::task;
use super::create;
use crate::domain::{Batch, Operation, Outcome};
use crate::store::StoreError;
use crate::store::database::{Results, Statement};
use crate::store::turns::TAKE_TURN;

const RAISE_IF_FAILED: &str = "select raise_if_failed()";

type OperationResult = Result<Outcome, StoreError>;

/// A turn, a statement for each operation and, for an atomic batch, the one that makes it atomic.
#[must_use]
pub fn batch(batch: &Batch) -> Vec<Statement> {
    let operations = batch.operations.iter().map(statement);
    let end = batch.atomic.then(|| Statement::new(RAISE_IF_FAILED));
    once(Statement::new(TAKE_TURN))
        .chain(operations)
        .chain(end)
        .collect()
}

fn statement(operation: &Operation) -> Statement {
    match operation {
        Operation::Create(new) => create::create_in_batch(new),
        Operation::Update(id, changes, precondition) => {
            change::update_sent(Sent::InBatch, *id, changes, precondition)
        }
        Operation::Delete(id, precondition) => {
            change::delete_sent(Sent::InBatch, *id, precondition)
        }
    }
}

/// The result of each operation. If any operation of an atomic batch failed, fails with all that
/// did.
pub(super) fn outcomes(
    batch: Batch,
    results: &Results,
    user_id: &str,
) -> Result<Vec<OperationResult>, StoreError> {
    // The first statement takes the turn.
    let operations = batch.operations.into_iter().zip(1..);
    let outcomes = operations.map(|(operation, index)| {
        match outcome(operation, results.of(index).first(), user_id) {
            // A row that cannot be read is a defect of the whole request.
            Err(error @ StoreError::Defect(_)) => Err(error),
            outcome => Ok(outcome),
        }
    });
    let outcomes: Vec<_> = outcomes.collect::<Result<_, _>>()?;
    if batch.atomic {
        all_or_nothing(outcomes, results.committed)
    } else {
        Ok(outcomes)
    }
}

fn outcome(operation: Operation, row: Option<&Row>, user_id: &str) -> OperationResult {
    match operation {
        Operation::Create(new) => {
            let stored = create::stored(row, user_id, new)?;
            stored
                .map(Outcome::Created)
                .ok_or(StoreError::AlreadyExists)
        }
        Operation::Update(_, _, precondition) => {
            let row = change::changed(row, &precondition)?;
            task(row).map(Outcome::Updated)
        }
        Operation::Delete(_, precondition) => {
            change::changed(row, &precondition)?;
            Ok(Outcome::Deleted)
        }
    }
}

fn all_or_nothing(
    outcomes: Vec<OperationResult>,
    committed: bool,
) -> Result<Vec<OperationResult>, StoreError> {
    match (outcomes.iter().all(Result::is_ok), committed) {
        (true, true) => Ok(outcomes),
        (false, false) => {
            let failed = outcomes.into_iter().enumerate();
            let failed = failed.filter_map(|(index, outcome)| Some((index, outcome.err()?)));
            Err(StoreError::BatchFailed(failed.collect()))
        }
        (done, _) => {
            let cause = format!("all operations done: {done}, committed: {committed}");
            Err(StoreError::defect(cause))
        }
    }
}
