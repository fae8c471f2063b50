//! Several operations in one transaction.
//!
//! `record_failure(...)` records, for this transaction, that an operation failed. At the end of an
//! atomic batch, `raise_if_failed()` raises an error if one has, so that PostgreSQL rolls back
//! everything in the round trip in which it was sent. The results still say which operations
//! failed.

use super::failure::Sent;
use super::operation::{outcome, statement};
use crate::domain::{Batch, Outcome, Quota};
use crate::store::StoreError;
use crate::store::database::{Results, Statement};

const RAISE_IF_FAILED: &str = "select raise_if_failed()";

/// The result of each operation.
pub(super) type Outcomes = Vec<Result<Outcome, StoreError>>;

/// A statement for each operation and, for an atomic batch, the one that makes it atomic.
#[must_use]
pub fn batch(batch: &Batch, quota: &Quota) -> Vec<Statement> {
    operations(batch, quota).chain(end(batch)).collect()
}

pub(super) fn operations(batch: &Batch, quota: &Quota) -> impl Iterator<Item = Statement> {
    let operations = batch.operations.iter().zip(0..);
    operations.map(|(operation, position)| statement(operation, quota, Sent::InBatch(position)))
}

pub(super) fn end(batch: &Batch) -> Option<Statement> {
    batch.atomic.then(|| Statement::new(RAISE_IF_FAILED))
}

/// The result of each operation, the first of which was the statement at `first`. If any operation
/// of an atomic batch failed, fails with all that did.
pub(super) fn outcomes(
    batch: &Batch,
    results: &Results,
    first: usize,
) -> Result<Outcomes, StoreError> {
    let operations = batch.operations.iter().zip(first..);
    let outcomes = operations.map(|(operation, index)| {
        match outcome(operation, results.of(index).first()) {
            // A row that cannot be read is a defect of the whole request.
            Err(error @ StoreError::Defect(_)) => Err(error),
            outcome => Ok(outcome),
        }
    });
    let outcomes = outcomes.collect::<Result<_, _>>()?;
    if batch.atomic {
        all_or_nothing(outcomes, results.committed)
    } else {
        Ok(outcomes)
    }
}

fn all_or_nothing(outcomes: Outcomes, committed: bool) -> Result<Outcomes, StoreError> {
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
