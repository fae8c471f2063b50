//! Deleting what has expired, of all users.
//!
//! To let something else expire, add a statement like [`IDEMPOTENCY_KEYS`] and a number to [`Purged`].
//! A migration gives `todo_purge` the rights, with a restrictive policy as in `V7__purge.sql`.

use std::time::{Duration, Instant};

use serde::Serialize;
use tokio_postgres::Config;

use super::database::Maintenance;
use super::error::StoreError;
use super::session::TimeBudget;

/// Deletes the oldest idempotency keys that have expired, at most `$1`.
///
/// - It skips rows that are locked. Since it waits for nobody, it takes part in no deadlock, and two
///   purges at once share the work.
/// - `materialized`: a join could otherwise evaluate the subquery several times, and lock more rows
///   each time.
/// - `max`: without it, a hash join reads everything that has expired, again and again.
const IDEMPOTENCY_KEYS: &str = "
with expired as materialized (
    select user_id, key, created_at from idempotency_keys
    where created_at <= now() - idempotency_key_lifetime()
    order by created_at
    limit $1
    for update skip locked
)
delete from idempotency_keys as stored using expired
where (stored.user_id, stored.key) = (expired.user_id, expired.key)
  and stored.created_at <= (select max(created_at) from expired)";

/// Deletes the content of tasks that have been in the trash for `$2` days, at most `$1`.
const TRASH: &str = "select purge_trash(make_interval(days => $2), $1)";

/// Forgets deletions that were `$2` days ago, at most `$1`.
const DELETIONS: &str = "select purge_deletions(make_interval(days => $2), $1)";

/// How many rows one transaction deletes. A user who needs one of them waits for that transaction,
/// some milliseconds.
const STEP: u16 = 1000;

/// No step begins when less than this is left, so that each can end: a statement runs for 4 s at
/// most.
const LEAST_TIME: Duration = Duration::from_secs(5);

/// How long what was deleted is kept.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    /// How long a deleted task stays in the trash, in days: at least one.
    pub trash_days: u16,
    /// How long it is remembered that a task was deleted, in days. A client that reads the feed of
    /// changes less often has to read everything again.
    pub deletion_days: u16,
}

impl Default for Retention {
    /// 30 and 180 days.
    fn default() -> Self {
        Self {
            trash_days: 30,
            deletion_days: 180,
        }
    }
}

/// Deletes what has expired, of all users, with the rights of a role that can do nothing else.
#[derive(Debug)]
pub struct Purge {
    database: Config,
    retention: Retention,
}

/// How many rows a purge has deleted.
#[derive(Debug, Serialize)]
pub struct Purged {
    /// Idempotency keys.
    pub idempotency_keys: u64,
    /// Tasks in the trash.
    pub trashed_tasks: u64,
    /// Deletions.
    pub deletions: u64,
}

impl Purge {
    /// A purge of `database`. Connects to nothing yet.
    #[must_use]
    pub fn new(database: Config, retention: Retention) -> Self {
        Self {
            database,
            retention,
        }
    }

    /// Deletes in small transactions until nothing is left, or until `budget` is nearly spent: the
    /// rest is for the next purge.
    ///
    /// Safe to run twice at once, and to run again after an error: what was deleted stays deleted.
    pub async fn run(&self, budget: &TimeBudget) -> Result<Purged, StoreError> {
        let started = Instant::now();
        let purged = self.delete(budget).await;
        budget.spend(started.elapsed());
        purged
    }

    async fn delete(&self, budget: &TimeBudget) -> Result<Purged, StoreError> {
        let database = Maintenance::connect(&self.database).await?;
        let Retention {
            trash_days,
            deletion_days,
        } = self.retention;
        let steps = async |statement, days: Option<u16>| {
            let days = days.map(i32::from);
            in_steps(&database, statement, days, budget).await
        };
        Ok(Purged {
            idempotency_keys: steps(IDEMPOTENCY_KEYS, None).await?,
            trashed_tasks: steps(TRASH, Some(trash_days)).await?,
            deletions: steps(DELETIONS, Some(deletion_days)).await?,
        })
    }
}

/// Repeats a statement until it finds less than it may delete.
async fn in_steps(
    database: &Maintenance,
    statement: &'static str,
    days: Option<i32>,
    budget: &TimeBudget,
) -> Result<u64, StoreError> {
    let mut deleted = 0;
    while budget.remaining() > LEAST_TIME {
        let step = database.run(statement, STEP.into(), days).await?;
        deleted += step;
        if step < STEP.into() {
            break;
        }
    }
    Ok(deleted)
}
