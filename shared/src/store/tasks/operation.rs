//! What is done to one task, and what comes of it.

use tokio_postgres::Row;

use super::columns::task;
use super::failure::{Sent, changed};
use super::{change, create};
use crate::domain::{Operation, Outcome, Quota};
use crate::store::StoreError;
use crate::store::database::Statement;

/// The statement of an operation that is a request of its own.
#[must_use]
pub fn operation(operation: &Operation, quota: &Quota) -> Statement {
    statement(operation, quota, Sent::Alone)
}

pub(super) fn statement(operation: &Operation, quota: &Quota, sent: Sent) -> Statement {
    match operation {
        Operation::Create(new) => create::create(new, quota, sent),
        Operation::Update(id, changes, precondition) => {
            change::update(*id, changes, precondition, quota, sent)
        }
        Operation::Delete(id, precondition) => change::delete(*id, precondition, sent),
    }
}

/// What came of an operation whose statement returned this row.
pub(super) fn outcome(operation: &Operation, row: Option<&Row>) -> Result<Outcome, StoreError> {
    let row = changed(row)?;
    match operation {
        Operation::Create(_) => task(row).map(Outcome::Created),
        Operation::Update(..) => task(row).map(Outcome::Updated),
        Operation::Delete(..) => Ok(Outcome::Deleted),
    }
}
