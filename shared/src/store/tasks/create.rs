//! Storing new tasks.

use sha2::{Digest, Sha256};
use tokio_postgres::Row;

use super::columns::{INSERT, push_values};
use super::fields::Cells;
use crate::domain::{Creation, NewTask, Task};
use crate::store::StoreError;
use crate::store::database::{Results, Statement};

/// Deletes the user's idempotency keys that are older than a day. Deletes in the order of an index,
/// so that two requests at once do not deadlock.
const FORGET_KEYS: &str = "
delete from idempotency_keys
where user_id = $1 and created_at < now() - interval '24 hours'";

/// Stores a new task. Running it again, after the connection was lost before the answer, finds the
/// id taken and returns the row that is there.
#[must_use]
pub fn create(new: &NewTask) -> Statement {
    inserted(Statement::new(INSERT), new)
        .text(" on conflict (user_id, id) do update set id = excluded.id returning created_at")
}

/// Stores a new task. Returns no row if the user already has one with its id.
pub(super) fn create_absent(new: &NewTask) -> Statement {
    inserted(Statement::new(INSERT), new)
        .text(" on conflict (user_id, id) do nothing returning created_at")
}

/// Like [`create_absent`], and records a failure for the batch.
pub(super) fn create_in_batch(new: &NewTask) -> Statement {
    let statement = Statement::new("with stored as (").text(INSERT);
    inserted(statement, new).text(
        " on conflict (user_id, id) do nothing returning created_at)
         select created_at from (select) as one left join stored on true
         where case when created_at is not null then true else not record_failure() end",
    )
}

/// Stores a new task unless its key has been claimed. The first request claims the key for the id
/// of its task; the others wait for it, and find that id.
pub(super) fn create_once(key: String, new: &NewTask) -> Result<[Statement; 2], StoreError> {
    let content = serde_json::to_vec(&new.fields).map_err(StoreError::defect)?;
    let fingerprint = Sha256::digest(content).to_vec();
    let mut statement = Statement::new(
        "with claim as (
             insert into idempotency_keys (user_id, created_at, task_id, key, fingerprint)
             values ($1, clock_timestamp(), ",
    )
    .value(new.id)
    .text(", ")
    .value(key)
    .text(", ")
    .value(fingerprint.clone())
    .text(
        ") on conflict (user_id, key) do update set key = excluded.key
             returning task_id, fingerprint, created_at
         ), stored as (",
    )
    .text(INSERT)
    .text(" select $1, ")
    .value(new.id);
    push_values(&mut statement, new.fields.clone());
    let statement = statement
        .text(", created_at from claim where task_id = ")
        .value(new.id)
        .text(
            " on conflict (user_id, id) do nothing)
         select task_id, created_at, fingerprint = ",
        )
        .value(fingerprint)
        .text(" as is_same from claim");
    Ok([Statement::new(FORGET_KEYS), statement])
}

fn inserted(statement: Statement, new: &NewTask) -> Statement {
    let mut statement = statement.text(" values ($1, ").value(new.id);
    push_values(&mut statement, new.fields.clone());
    // Not `now()`, which is the same for all operations of a batch.
    statement.text(", clock_timestamp())")
}

/// The task, if it was stored.
pub(super) fn stored(
    row: Option<&Row>,
    user_id: &str,
    new: NewTask,
) -> Result<Option<Task>, StoreError> {
    let Some(row) = row else { return Ok(None) };
    let created_at = Cells::new(row).next()?;
    let id = new.id;
    Ok(Some(new.stored(id, user_id.to_owned(), created_at)))
}

/// Reads the claim. A repeated request has the same content, so its task can be built from that.
pub(super) fn claimed(
    results: &Results,
    user_id: &str,
    new: NewTask,
) -> Result<Creation, StoreError> {
    let claim = results.of(1).first();
    let mut claim = Cells::new(claim.ok_or_else(|| StoreError::defect("no key was claimed"))?);
    let (id, created_at) = (claim.next()?, claim.next()?);
    if !claim.next::<bool>()? {
        return Err(StoreError::IdempotencyKeyReused);
    }
    let is_new = id == new.id;
    let task = new.stored(id, user_id.to_owned(), created_at);
    Ok(if is_new {
        Creation::New(task)
    } else {
        Creation::Replayed(task)
    })
}
