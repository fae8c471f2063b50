//! Conditions that several statements have.

use uuid::Uuid;

use crate::domain::Quota;
use crate::store::database::Statement;

/// Whether the user has a task with this id.
pub(super) fn has_task(statement: Statement, id: Uuid) -> Statement {
    statement
        .text("exists (select from tasks where user_id = $1 and id = ")
        .value(id)
        .text(")")
}

/// Whether the user may have one more task.
pub(super) fn may_add(statement: Statement, quota: &Quota) -> Statement {
    statement
        .text("coalesce((select tasks < ")
        .value(quota.tasks)
        .text(" and text_bytes < ")
        .value(quota.text_bytes)
        .text(" from user_counters where user_id = $1), true)")
}

/// Whether the user may store more text. What goes beyond the quota is one text, not many.
pub(super) fn has_room(statement: Statement, quota: &Quota) -> Statement {
    statement
        .text("coalesce((select text_bytes < ")
        .value(quota.text_bytes)
        .text(" from user_counters where user_id = $1), true)")
}
