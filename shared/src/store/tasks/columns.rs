//! The fields of a task as columns: the one list from which statements select, insert, update and
//! read.

use tokio_postgres::Row;

use super::fields::{Assignment, Cells, StoredValue};
use crate::domain::{Task, TaskChanges, TaskFields};
use crate::store::StoreError;
use crate::store::database::Statement;

macro_rules! fields {
    ($($field:ident: $($column:literal),+;)+) => {
        /// What every statement selects that answers with tasks, in the order in which [`task`]
        /// reads it.
        pub(super) const COLUMNS: &str = concat!(
            "id, user_id, ",
            $($($column, ", ",)+)+
            "completed_at, created_at, updated_at, version"
        );

        /// The beginning of every insert: user and id, the client's fields, and the time.
        pub(super) const INSERT: &str =
            concat!("insert into tasks (user_id, id, ", $($($column, ", ",)+)+ "created_at)");

        /// Appends the values that follow those of user and id in an insert.
        pub(super) fn push_values(statement: &mut Statement, fields: TaskFields) {
            let TaskFields { $($field),+ } = fields;
            $($field.store(&mut |value| {
                statement.push_text(", ");
                statement.push_value(value);
            });)+
        }

        /// Appends the assignments of an update, each with a comma after it.
        pub(super) fn push_assignments(statement: &mut Statement, changes: TaskChanges) {
            let TaskChanges { $($field),+ } = changes;
            $($field.assign(&[$($column),+], statement);)+
        }

        fn fields(cells: &mut Cells<'_>) -> Result<TaskFields, StoreError> {
            Ok(TaskFields { $($field: StoredValue::read(cells)?),+ })
        }
    };
}

fields! {
    title: "title";
    description: "description";
    completed: "completed";
    priority: "priority";
    due: "due_on", "due_at", "due_given";
    time_zone: "time_zone";
    tags: "tags";
}

/// Reads a row of [`COLUMNS`].
pub(super) fn task(row: &Row) -> Result<Task, StoreError> {
    let mut cells = Cells::new(row);
    Ok(Task {
        id: cells.next()?,
        user_id: cells.next()?,
        fields: fields(&mut cells)?,
        completed_at: cells.next()?,
        created_at: cells.next()?,
        updated_at: cells.next()?,
        version: cells.next()?,
    })
}
