//! One task.

use uuid::Uuid;

use super::columns::COLUMNS;
use crate::store::database::Statement;

/// The task with this id.
#[must_use]
pub fn get(id: Uuid) -> Statement {
    Statement::new("select ")
        .text(COLUMNS)
        .text(" from tasks where user_id = $1 and id = ")
        .value(id)
}
