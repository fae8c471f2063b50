//! A task as a row.

use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

use crate::task::{Due, Priority};
use crate::{Error, Task};

/// What every statement that answers with tasks selects, in the order in which it is read.
macro_rules! columns {
    () => {
        "id, user_id, title, description, completed, priority, due_on, due_at, due_given, time_zone, tags, \
         completed_at, created_at, updated_at"
    };
}
pub(super) use columns;

/// A value of a row.
pub(super) fn value<'a, T: FromSql<'a>>(row: &'a Row, index: usize) -> Result<T, Error> {
    row.try_get(index)
        .map_err(|error| Error::Internal(error.to_string()))
}

impl TryFrom<&Row> for Task {
    type Error = Error;

    fn try_from(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            id: value(row, 0)?,
            user_id: value(row, 1)?,
            title: value(row, 2)?,
            description: value(row, 3)?,
            completed: value(row, 4)?,
            // A constraint of the table allows no other rank.
            priority: Priority::of_rank(value(row, 5)?).unwrap_or_default(),
            due: match (value(row, 6)?, value(row, 7)?, value(row, 8)?) {
                (Some(day), _, _) => Some(Due::Day(day)),
                (None, Some(at), Some(given)) => Some(Due::Instant { at, given }),
                _ => None,
            },
            time_zone: value(row, 9)?,
            tags: value(row, 10)?,
            completed_at: value(row, 11)?,
            created_at: value(row, 12)?,
            updated_at: value(row, 13)?,
        })
    }
}
