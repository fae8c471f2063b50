//! The statements as they are sent, each with its parameters, for programs that measure or explain them. Operations
//! run them by [`Tasks`](super::Tasks).

use jiff::Timestamp;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::row::columns;
use super::{Batch, ListQuery, Precondition, change, insert};
use crate::db::Statement;
use crate::{Answer, NewTask, TaskChanges};

const GET: &str = concat!(
    "select ",
    columns!(),
    " from tasks where user_id = $1 and id = $2"
);

/// One task.
#[must_use]
pub fn get(id: Uuid) -> Statement {
    Statement::new(GET).with(id, Type::UUID)
}

/// Stores a new task.
#[must_use]
pub fn create(new: &NewTask) -> Statement {
    insert::statement(new)
}

/// A page, and the count if it is asked for.
#[must_use]
pub fn list(query: &ListQuery) -> Vec<Statement> {
    super::list::statements(query)
}

/// Changes a task, if it is as the precondition says.
#[must_use]
pub fn update(id: Uuid, changes: &TaskChanges, precondition: &Precondition) -> Statement {
    change::update(id, changes, precondition)
}

/// Deletes a task, if it is as the precondition says.
#[must_use]
pub fn delete(id: Uuid, precondition: &Precondition) -> Statement {
    change::delete(id, precondition)
}

/// The operations of a batch, and the condition of an atomic one.
#[must_use]
pub fn batch(batch: &Batch) -> Vec<Statement> {
    let condition = batch.atomic.then(super::batch::none_failed);
    super::batch::statements(batch)
        .into_iter()
        .chain(condition)
        .collect()
}

/// The counts of a summary as they are now, in UTC.
pub fn summarize() -> Answer<Statement> {
    super::summary::statement(None, Timestamp::now())
}
