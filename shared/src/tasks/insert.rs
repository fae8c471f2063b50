//! Storing new tasks.

use sha2::{Digest, Sha256};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::Creation;
use super::batch::note_failure;
use super::change::with_due;
use super::row::value;
use crate::db::Statement;
use crate::task::{Description, Priority, TimeZoneName};
use crate::{Caller, Error, NewTask, Task};

/// The columns that a new task fills, and the parameters that fill them.
macro_rules! insert {
    ($from:literal) => {
        concat!(
            "insert into tasks (user_id, id, title, description, completed, priority, tags, time_zone, due_on, due_at, \
             due_given) ",
            $from
        )
    };
}

/// Inserting again, after the connection was lost before the answer, finds the id taken and tells of the
/// row that is there.
const INSERT: &str = insert!(
    "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     on conflict (user_id, id) do update set id = excluded.id
     returning created_at"
);

/// Leaves a note for an atomic batch when there is such a task.
const INSERT_IF_ABSENT: &str = concat!(
    "with stored as (",
    insert!(
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict (user_id, id) do nothing
         returning created_at"
    ),
    ")
     select created_at from (select) as one left join stored on true
     where case when created_at is not null then true else not ",
    note_failure!(),
    " end"
);

/// Whoever comes first claims the key for the id of his task; the others wait for him, and find that id.
const INSERT_ONCE: &str = concat!(
    "with claim as (
         insert into idempotency_keys (user_id, key, fingerprint, task_id)
         values ($1, $12, $13, $2)
         on conflict (user_id, key) do update set key = excluded.key
         returning task_id, fingerprint, created_at
     ), stored as (",
    insert!(
        "select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 from claim where task_id = $2
         on conflict (user_id, id) do nothing"
    ),
    ")
     select task_id, created_at, fingerprint = $13 as is_same from claim"
);

/// Keys are kept for a day. In the order of an index, so that two at once do not wait for each other in a circle.
const FORGET_KEYS: &str = "
delete from idempotency_keys
where user_id = $1 and created_at < now() - interval '24 hours'";

pub(super) fn statement(new: &NewTask) -> Statement {
    with_task(Statement::new(INSERT), new)
}

pub(super) fn if_absent(new: &NewTask) -> Statement {
    with_task(Statement::new(INSERT_IF_ABSENT), new)
}

pub(super) fn once(key: String, new: &NewTask) -> Result<[Statement; 2], Error> {
    let content = serde_json::to_vec(new).map_err(|error| Error::Internal(error.to_string()))?;
    let fingerprint: [u8; 32] = Sha256::digest(content).into();
    let insert = with_task(Statement::new(INSERT_ONCE), new);
    let insert = insert
        .with(key, Type::TEXT)
        .with(fingerprint.to_vec(), Type::BYTEA);
    Ok([Statement::new(FORGET_KEYS), insert])
}

fn with_task(statement: Statement, new: &NewTask) -> Statement {
    let statement = statement
        .with(new.id, Type::UUID)
        .with(new.title.as_str().to_owned(), Type::TEXT)
        .with(
            new.description.clone().map(Description::into_string),
            Type::TEXT,
        )
        .with(new.completed, Type::BOOL)
        .with(Priority::rank(new.priority), Type::INT2)
        .with(new.tags.clone().into_vec(), Type::TEXT_ARRAY)
        .with(
            new.time_zone.clone().map(TimeZoneName::into_string),
            Type::TEXT,
        );
    with_due(statement, new.due.as_ref())
}

/// The task, if it was stored.
pub(super) fn stored(rows: &[Row], caller: &Caller, new: NewTask) -> Result<Option<Task>, Error> {
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let created_at = value(row, 0)?;
    let id = new.id;
    Ok(Some(new.stored(
        id,
        caller.user_id().to_owned(),
        created_at,
    )))
}

/// What the claim says. A repeated request has the same content, so that its answer can be written again from it.
pub(super) fn outcome(
    results: &[Vec<Row>],
    caller: &Caller,
    new: NewTask,
) -> Result<Creation, Error> {
    let claim = results.last().and_then(|rows| rows.first());
    let claim = claim.ok_or_else(|| Error::Internal("the key was not claimed".into()))?;
    if !value::<bool>(claim, 2)? {
        return Err(Error::IdempotencyKeyReused);
    }
    let id = value(claim, 0)?;
    let created_at = value(claim, 1)?;
    let is_new = id == new.id;
    let task = new.stored(id, caller.user_id().to_owned(), created_at);
    Ok(if is_new {
        Creation::New(task)
    } else {
        Creation::Replayed(task)
    })
}
