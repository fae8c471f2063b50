//! Changes and deletes a task, if it is in a state that the client expects.

use tokio_postgres::Row;
use uuid::Uuid;

use super::columns::{COLUMNS, push_assignments};
use super::fields::Cells;
use crate::domain::{Precondition, TaskChanges};
use crate::store::StoreError;
use crate::store::database::Statement;

/// How a change is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Sent {
    /// As a request of its own.
    Alone,
    /// As an operation of a batch: records a failure for it.
    InBatch,
}

/// Changes a task if it is in a state that the precondition allows.
#[must_use]
pub fn update(id: Uuid, changes: &TaskChanges, precondition: &Precondition) -> Statement {
    update_sent(Sent::Alone, id, changes, precondition)
}

/// Deletes a task if it is in a state that the precondition allows.
#[must_use]
pub fn delete(id: Uuid, precondition: &Precondition) -> Statement {
    delete_sent(Sent::Alone, id, precondition)
}

/// The trigger `tasks_touch` sets `updated_at` and `completed_at`, and only if something changes.
pub(super) fn update_sent(
    sent: Sent,
    id: Uuid,
    changes: &TaskChanges,
    precondition: &Precondition,
) -> Statement {
    let mut statement = Statement::new("with changed as (update tasks set ");
    push_assignments(&mut statement, changes.clone());
    // Completes the list of assignments, each of which ends with a comma, and fills an empty one.
    statement.push_text("created_at = created_at");
    let statement = matching(statement, id, precondition)
        .text(" returning ")
        .text(COLUMNS)
        .text(") select ")
        .text(COLUMNS);
    or_failed(statement, sent, id)
}

pub(super) fn delete_sent(sent: Sent, id: Uuid, precondition: &Precondition) -> Statement {
    let statement = Statement::new("with changed as (delete from tasks");
    let statement = matching(statement, id, precondition).text(" returning id) select id");
    or_failed(statement, sent, id)
}

/// The task, in a state that the precondition allows. PostgreSQL checks this again if another
/// change came first.
fn matching(statement: Statement, id: Uuid, precondition: &Precondition) -> Statement {
    let mut statement = statement.text(" where user_id = $1 and id = ").value(id);
    if let Some(times) = &precondition.one_of {
        let times = times.clone();
        statement = statement
            .text(" and updated_at = any(")
            .value(times)
            .text(")");
    }
    if let Some(times) = &precondition.none_of {
        let times = times.clone();
        statement = statement
            .text(" and updated_at <> all(")
            .value(times)
            .text(")");
    }
    if precondition.absent {
        statement.push_text(" and false");
    }
    statement
}

/// Returns one row if the user has the task. It is all null if the precondition failed.
fn or_failed(statement: Statement, sent: Sent, id: Uuid) -> Statement {
    let statement = statement
        .text(" from (select) as one left join changed on true where case when id is not null then true else ");
    let statement = match sent {
        Sent::Alone => statement,
        Sent::InBatch => statement.text("record_failure() and "),
    };
    statement
        .text("exists (select from tasks where user_id = $1 and id = ")
        .value(id)
        .text(") end")
}

/// The row of the task that was changed.
pub(super) fn changed<'a>(
    row: Option<&'a Row>,
    precondition: &Precondition,
) -> Result<&'a Row, StoreError> {
    let row = row.ok_or(StoreError::NotFound)?;
    match Cells::new(row).next::<Option<Uuid>>()? {
        Some(_) => Ok(row),
        None if precondition.stated => Err(StoreError::PreconditionFailed),
        // Another request deleted it while this one waited.
        None => Err(StoreError::NotFound),
    }
}
