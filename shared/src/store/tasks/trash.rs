//! The trash: the content of deleted tasks.

use jiff::Timestamp;
use tokio_postgres::Row;
use uuid::Uuid;

use super::columns::{COLUMNS, RESTORE, task};
use super::conditions::{has_task, may_add};
use super::failure::{Sent, or_failure};
use crate::domain::{Quota, TrashPage, TrashedTask};
use crate::store::StoreError;
use crate::store::database::{Results, Statement};

/// A page of the trash, which begins after the deletion with this version.
#[must_use]
pub fn trash(after: Option<i64>, limit: u16) -> Statement {
    Statement::new("select ")
        .text(COLUMNS)
        .text(", deleted_at from (")
        .text(CONTENT)
        .text(" and version < ")
        .value(after.unwrap_or(i64::MAX))
        .text(" order by version desc limit ")
        .value(i64::from(limit) + 1)
        .text(AS_TASKS)
        .text(" order by version desc")
}

/// The content of tasks in the trash as whole rows.
const CONTENT: &str = "
select content || jsonb_build_object('id', id, 'user_id', user_id, 'version', version) as whole, deleted_at
from deleted_tasks
where user_id = $1 and text_bytes is not null";

/// What follows [`CONTENT`] in parentheses: its rows as rows of the table.
const AS_TASKS: &str =
    ") as trashed cross join lateral jsonb_populate_record(null::tasks, whole) as task";

/// The page that the statement returned.
pub(super) fn page(results: &Results, limit: u16) -> Result<TrashPage, StoreError> {
    let limit = usize::from(limit);
    let rows = results.of(0);
    let tasks = rows.iter().take(limit).map(trashed);
    Ok(TrashPage {
        tasks: tasks.collect::<Result<_, _>>()?,
        more: rows.len() > limit,
    })
}

fn trashed(row: &Row) -> Result<TrashedTask, StoreError> {
    let deleted_at: Timestamp = row.try_get("deleted_at").map_err(StoreError::defect)?;
    Ok(TrashedTask {
        task: task(row)?,
        deleted_at,
    })
}

/// Takes a task out of the trash, if the user may have one more.
pub(super) fn restore(id: Uuid, quota: &Quota, sent: Sent) -> Statement {
    let statement = Statement::new("with changed as (")
        .text(RESTORE)
        .text("(")
        .text(CONTENT)
        .text(" and id = ")
        .value(id)
        .text(AS_TASKS);
    let statement = may_add(statement.text(" where "), quota)
        .text(" on conflict (user_id, id) do nothing returning ")
        .text(COLUMNS)
        .text(")");
    or_failure(statement, COLUMNS, sent, |statement| {
        has_task(statement.text("case when "), id)
            .text(
                " then 'exists'
                 when exists (select from deleted_tasks
                              where user_id = $1 and text_bytes is not null and id = ",
            )
            .value(id)
            .text(") then 'full' else 'missing' end")
    })
}

/// Deletes the content of one task in the trash, or of all of them. Returns how many they were.
pub(super) fn discard(id: Option<Uuid>) -> Statement {
    Statement::new("select discard_tasks($1, ")
        .value(id)
        .text(")")
}
