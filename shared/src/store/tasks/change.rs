//! Changes and deletes a task, if it is in a state that the client expects.

use uuid::Uuid;

use super::columns::{COLUMNS, push_assignments};
use super::failure::{Sent, or_failure};
use crate::domain::{Change, Precondition, Quota, TaskChanges};
use crate::store::database::Statement;

/// Changes a task if it is in a state that the precondition allows. The trigger `tasks_touch` sets
/// its version and times, and only if something changes.
pub(super) fn update(
    id: Uuid,
    changes: &TaskChanges,
    precondition: &Precondition,
    quota: &Quota,
    sent: Sent,
) -> Statement {
    let mut statement = Statement::new("with changed as (update tasks set ");
    push_assignments(&mut statement, changes.clone());
    // Completes the list of assignments, each of which ends with a comma, and fills an empty one.
    statement.push_text("created_at = created_at");
    statement = matching(statement, id, precondition);
    let adds_text = matches!(changes.description, Change::Set(Some(_)));
    if adds_text {
        statement = has_room(statement.text(" and "), quota);
    }
    let statement = statement.text(" returning ").text(COLUMNS).text(")");
    or_failure(statement, COLUMNS, sent, |statement| {
        if !precondition.stated && !adds_text {
            return statement.text("'missing'");
        }
        let mut statement = statement
            .text("case when not exists (select from tasks where user_id = $1 and id = ")
            .value(id)
            .text(") then 'missing'");
        if adds_text {
            statement = has_room(statement.text(" when not "), quota).text(" then 'full'");
        }
        statement.text(" else 'refused' end")
    })
}

/// Deletes a task if it is in a state that the precondition allows.
pub(super) fn delete(id: Uuid, precondition: &Precondition, sent: Sent) -> Statement {
    let statement = Statement::new("with changed as (delete from tasks");
    let statement = matching(statement, id, precondition).text(" returning id)");
    or_failure(statement, "id", sent, |statement| {
        if !precondition.stated {
            return statement.text("'missing'");
        }
        statement
            .text("case when exists (select from tasks where user_id = $1 and id = ")
            .value(id)
            .text(") then 'refused' else 'missing' end")
    })
}

/// The task, in a state that the precondition allows.
fn matching(statement: Statement, id: Uuid, precondition: &Precondition) -> Statement {
    let mut statement = statement.text(" where user_id = $1 and id = ").value(id);
    if let Some(versions) = &precondition.one_of {
        let versions = versions.clone();
        statement = statement
            .text(" and version = any(")
            .value(versions)
            .text(")");
    }
    if let Some(versions) = &precondition.none_of {
        let versions = versions.clone();
        statement = statement
            .text(" and version <> all(")
            .value(versions)
            .text(")");
    }
    if precondition.absent {
        statement.push_text(" and false");
    }
    statement
}

/// Whether the user may store more text. What goes beyond the quota is one text, not many.
fn has_room(statement: Statement, quota: &Quota) -> Statement {
    statement
        .text("coalesce((select text_bytes < ")
        .value(quota.text_bytes)
        .text(" from user_counters where user_id = $1), true)")
}
