//! Changes and deletes a task, if it is in a state that the client expects.

use uuid::Uuid;

use super::columns::{COLUMNS, push_assignments};
use super::conditions::{has_room, has_task};
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
    let new_bytes = new_bytes(changes);
    if let Some(bytes) = new_bytes {
        statement = statement.text(" and (coalesce(octet_length(description), 0) >= ");
        statement = statement.value(bytes).text(" or ");
        statement = has_room(statement, quota).text(")");
    }
    let statement = statement.text(" returning ").text(COLUMNS).text(")");
    or_failure(statement, COLUMNS, sent, |statement| {
        if !precondition.stated && new_bytes.is_none() {
            return statement.text("'missing'");
        }
        let mut statement = has_task(statement.text("case when not "), id).text(" then 'missing'");
        if let Some(bytes) = new_bytes {
            statement = has_room(statement.text(" when not "), quota)
                .text(" and exists (select from tasks where user_id = $1 and id = ")
                .value(id)
                .text(" and coalesce(octet_length(description), 0) < ")
                .value(bytes)
                .text(") then 'full'");
        }
        statement.text(" else 'refused' end")
    })
}

/// Deletes a task if it is in a state that the precondition allows.
pub(super) fn delete(id: Uuid, precondition: &Precondition, sent: Sent) -> Statement {
    let statement = Statement::new("with changed as (delete from tasks");
    deleted(statement, id, precondition, sent)
}

fn deleted(statement: Statement, id: Uuid, precondition: &Precondition, sent: Sent) -> Statement {
    let statement = matching(statement, id, precondition).text(" returning id)");
    or_failure(statement, "id", sent, |statement| {
        if !precondition.stated {
            return statement.text("'missing'");
        }
        has_task(statement.text("case when "), id).text(" then 'refused' else 'missing' end")
    })
}

/// Deletes a task, and does not move it to the trash. The trigger reads the setting at the end of
/// the statement. It lasts until the end of the transaction, so this must not share one with
/// another deletion.
pub(super) fn delete_permanently(id: Uuid, precondition: &Precondition, sent: Sent) -> Statement {
    let statement = Statement::new(
        "with permanent as materialized (select set_config('app.deletion', 'permanent', true)),
         changed as (delete from tasks using permanent",
    );
    deleted(statement, id, precondition, sent)
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

/// How long the description becomes, in bytes, if it changes. A user who has as much text as they
/// may have can still shorten it, or send it back as it is.
fn new_bytes(changes: &TaskChanges) -> Option<i32> {
    let Change::Set(Some(description)) = &changes.description else {
        return None;
    };
    // A description has some 40,000 bytes at most.
    i32::try_from(description.as_str().len()).ok()
}
