//! Batches with an idempotency key, which are done once.
//!
//! The first statement looks for the key. If the key was used, the second, `raise_if_used(...)`,
//! fails, and PostgreSQL does nothing of what follows. All of them are sent in one flush.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;
use uuid::Uuid;

use super::batch::{self, Outcomes};
use super::columns::{COLUMNS, task};
use super::failure;
use crate::domain::{Batch, NewTask, Operation, Outcome, Quota, Task};
use crate::store::StoreError;
use crate::store::database::{Results, Statement};

/// The statement of a batch's first operation: two others come before it.
pub(super) const FIRST: usize = 2;

/// The statements of a batch that is done once for each `key` of the user.
pub(super) fn once(batch: &Batch, key: &str, quota: &Quota) -> Result<Vec<Statement>, StoreError> {
    let fingerprint = fingerprint(batch)?;
    let mut statements = vec![find(key, fingerprint.clone()), raise_if_used(key)];
    statements.extend(batch::operations(batch, quota));
    statements.push(keep(batch, key, fingerprint));
    statements.extend(batch::end(batch));
    Ok(statements)
}

/// What tells a request from another one with the same key.
fn fingerprint(batch: &Batch) -> Result<Vec<u8>, StoreError> {
    let form = serde_json::to_vec(batch).map_err(StoreError::defect)?;
    Ok(Sha256::digest(form).to_vec())
}

/// What the key stands for, if it was used, and each of its tasks that is still there. Keys of the
/// previous release have no `task_ids`, and fingerprints of another kind.
fn find(key: &str, fingerprint: Vec<u8>) -> Statement {
    Statement::new("select ")
        .text(COLUMNS)
        .text(", fingerprint = ")
        .value(fingerprint)
        .text(
            " or task_ids is null as is_same, coalesce(task_ids, array[task_id]) as task_ids,
              coalesce(versions, array[0]) as versions, coalesce(times, array[used_at]) as times,
              coalesce(failures, '') as failures
             from (
                 select fingerprint, task_id, task_ids, versions, times, failures,
                        created_at as used_at
                 from idempotency_keys
                 where user_id = $1 and key = ",
        )
        .value(key.to_owned())
        .text(
            " and created_at > now() - idempotency_key_lifetime()
             ) as used
             left join tasks on user_id = $1 and id = any(coalesce(task_ids, array[task_id]))",
        )
}

fn raise_if_used(key: &str) -> Statement {
    Statement::new("select raise_if_used($1, ")
        .value(key.to_owned())
        .text(")")
}

/// Keeps what the key stands for, at the end of the transaction.
fn keep(batch: &Batch, key: &str, fingerprint: Vec<u8>) -> Statement {
    let ids: Vec<Uuid> = batch.operations.iter().map(Operation::id).collect();
    Statement::new(
        "insert into idempotency_keys
             (user_id, created_at, key, fingerprint, failures, task_id, task_ids, versions, times)
         select $1, clock_timestamp(), ",
    )
    .value(key.to_owned())
    .text(", ")
    .value(fingerprint)
    .text(
        ", nullif(current_setting('app.operation_failed', true), ''),
          (array_agg(given.id order by place))[1], array_agg(given.id order by place),
          array_agg(version order by place),
          array_agg(coalesce(created_at, clock_timestamp()) order by place)
         from unnest(",
    )
    .value(ids)
    .text(
        ") with ordinality as given (id, place)
         left join tasks on user_id = $1 and tasks.id = given.id",
    )
}

/// What came of the batch when its key was used, or `None` if it was not.
pub(super) fn replayed(
    batch: &Batch,
    results: &Results,
    user_id: &str,
) -> Result<Option<Outcomes>, StoreError> {
    let rows = results.of(0);
    let Some(used) = rows.first() else {
        return Ok(None);
    };
    if !get::<bool>(used, "is_same")? {
        return Err(StoreError::IdempotencyKeyReused);
    }
    let used = Used {
        user_id,
        ids: get(used, "task_ids")?,
        versions: get(used, "versions")?,
        times: get(used, "times")?,
        failures: get(used, "failures")?,
        tasks: rows,
    };
    let operations = batch.operations.iter().enumerate();
    let outcomes = operations.map(|(index, operation)| match used.failure(index) {
        Some(error) => Ok(Err(error)),
        None => used.outcome(index, operation).map(Ok),
    });
    outcomes.collect::<Result<_, _>>().map(Some)
}

/// What a key stands for.
struct Used<'a> {
    user_id: &'a str,
    ids: Vec<Uuid>,
    versions: Vec<Option<i64>>,
    times: Vec<Option<Timestamp>>,
    /// Such as `3:missing 7:refused `.
    failures: &'a str,
    /// A row for each task that is still there.
    tasks: &'a [Row],
}

impl Used<'_> {
    fn failure(&self, index: usize) -> Option<StoreError> {
        let failures = self.failures.split_whitespace();
        let mut failures = failures.filter_map(|failure| failure.split_once(':'));
        let (_, reason) = failures.find(|(position, _)| position.parse() == Ok(index))?;
        Some(failure::error(reason))
    }

    /// The outcome as it was. A task that an update changed is shown as it is now.
    fn outcome(&self, index: usize, operation: &Operation) -> Result<Outcome, StoreError> {
        let id = self.ids.get(index).copied().unwrap_or_default();
        let now = self.task(id)?;
        Ok(match operation {
            Operation::Create(new) => Outcome::Created(self.created(index, id, new, now)),
            Operation::Update(..) | Operation::Restore(_) => {
                now.map_or(Outcome::Gone, Outcome::Updated)
            }
            Operation::Delete(..) | Operation::DeletePermanently(..) => Outcome::Deleted,
        })
    }

    fn task(&self, id: Uuid) -> Result<Option<Task>, StoreError> {
        for row in self.tasks {
            if get::<Option<Uuid>>(row, "id")? == Some(id) {
                return task(row).map(Some);
            }
        }
        Ok(None)
    }

    /// A repeated request has the same content, so a new task can be built from that.
    fn created(&self, index: usize, id: Uuid, new: &NewTask, now: Option<Task>) -> Task {
        let version = self.versions.get(index).copied().flatten();
        match now {
            Some(task) if Some(task.version) == version => task,
            _ => {
                let time = self.times.get(index).copied().flatten().unwrap_or_default();
                let user_id = self.user_id.to_owned();
                let new = NewTask { id, ..new.clone() };
                new.stored(user_id, time, version.unwrap_or_default())
            }
        }
    }
}

fn get<'a, T: FromSql<'a>>(row: &'a Row, column: &str) -> Result<T, StoreError> {
    row.try_get(column).map_err(StoreError::defect)
}
