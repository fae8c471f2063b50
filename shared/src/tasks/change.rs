//! Changing and deleting a task, on condition that it is as the client thinks.

use jiff::Timestamp;
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::batch::note_failure;
use super::row::{columns, value};
use crate::db::Statement;
use crate::task::{Completion, Description, Due, Priority, Tags, TimeZoneName, Title};
use crate::{Error, TaskChanges};

/// What a change asks of the task that it is about: when that last changed.
#[derive(Clone, Debug, Default)]
pub struct Precondition {
    /// Whether the client asks for anything.
    pub stated: bool,
    /// It changed last at one of these times (`If-Match`).
    pub one_of: Option<Vec<Timestamp>>,
    /// It changed last at none of these times (`If-None-Match`).
    pub none_of: Option<Vec<Timestamp>>,
    /// There is no such task (`If-None-Match: *`).
    pub absent: bool,
}

/// The task, if it is as the precondition (`$3` to `$5`) says. Checked again by PostgreSQL when another change came
/// between.
macro_rules! precondition {
    () => {
        "user_id = $1 and id = $2
         and ($3::timestamptz[] is null or updated_at = any($3))
         and ($4::timestamptz[] is null or updated_at <> all($4))
         and not $5"
    };
}

/// One row when the caller has the task, with nothing in it when the precondition failed; a note for an atomic batch
/// unless it was changed.
macro_rules! or_failed {
    ($columns:expr) => {
        concat!(
            " select ",
            $columns,
            " from (select) as one left join changed on true
              where case when changed.id is not null then true else ",
            note_failure!(),
            " and exists (select from tasks where user_id = $1 and id = $2) end"
        )
    };
}

/// The trigger `tasks_touch` sets `updated_at` and `completed_at`, and only when something changes.
const UPDATE: &str = concat!(
    "with changed as (
         update tasks
         set title = coalesce($6, title),
             description = case when $7 then $8 else description end,
             completed = case when $9 then not completed else coalesce($10, completed) end,
             priority = coalesce($11, priority),
             tags = coalesce($12, tags),
             time_zone = case when $13 then $14 else time_zone end,
             due_on = case when $15 then $16 else due_on end,
             due_at = case when $15 then $17 else due_at end,
             due_given = case when $15 then $18 else due_given end
         where ",
    precondition!(),
    " returning ",
    columns!(),
    ")",
    or_failed!(columns!())
);

const DELETE: &str = concat!(
    "with changed as (delete from tasks where ",
    precondition!(),
    " returning id)",
    or_failed!("changed.id")
);

pub(super) fn update(id: Uuid, changes: &TaskChanges, precondition: &Precondition) -> Statement {
    let description = changes.description.as_ref();
    let time_zone = changes.time_zone.as_ref();
    let completed = match changes.completed {
        Some(Completion::Set(completed)) => Some(completed),
        Some(Completion::Toggle) | None => None,
    };
    let statement = with_precondition(Statement::new(UPDATE), id, precondition)
        .with(changes.title.clone().map(Title::into_string), Type::TEXT)
        .with(description.is_some(), Type::BOOL)
        .with(
            description.cloned().flatten().map(Description::into_string),
            Type::TEXT,
        )
        .with(changes.completed == Some(Completion::Toggle), Type::BOOL)
        .with(completed, Type::BOOL)
        .with(changes.priority.map(Priority::rank), Type::INT2)
        .with(changes.tags.clone().map(Tags::into_vec), Type::TEXT_ARRAY)
        .with(time_zone.is_some(), Type::BOOL)
        .with(
            time_zone.cloned().flatten().map(TimeZoneName::into_string),
            Type::TEXT,
        )
        .with(changes.due.is_some(), Type::BOOL);
    with_due(statement, changes.due.as_ref().and_then(Option::as_ref))
}

pub(super) fn delete(id: Uuid, precondition: &Precondition) -> Statement {
    with_precondition(Statement::new(DELETE), id, precondition)
}

fn with_precondition(statement: Statement, id: Uuid, precondition: &Precondition) -> Statement {
    statement
        .with(id, Type::UUID)
        .with(precondition.one_of.clone(), Type::TIMESTAMPTZ_ARRAY)
        .with(precondition.none_of.clone(), Type::TIMESTAMPTZ_ARRAY)
        .with(precondition.absent, Type::BOOL)
}

/// A due fills three columns: the day; or the instant, and the text that told it.
pub(super) fn with_due(statement: Statement, due: Option<&Due>) -> Statement {
    let (day, at, given) = match due {
        None => (None, None, None),
        Some(Due::Day(day)) => (Some(*day), None, None),
        Some(Due::Instant { at, given }) => (None, Some(*at), Some(given.clone())),
    };
    statement
        .with(day, Type::DATE)
        .with(at, Type::TIMESTAMPTZ)
        .with(given, Type::TEXT)
}

/// The row of the task that was changed.
pub(super) fn found<'a>(rows: &'a [Row], precondition: &Precondition) -> Result<&'a Row, Error> {
    let row = rows.first().ok_or(Error::NotFound)?;
    match value::<Option<Uuid>>(row, 0)? {
        Some(_) => Ok(row),
        None if precondition.stated => Err(Error::PreconditionFailed),
        // Another request deleted it while this one waited.
        None => Err(Error::NotFound),
    }
}
