//! The schema of the database, as forward-only migrations: `V<number>__<name>.sql` in this folder.
//!
//! A migration that has landed is never edited. It must also work with the functions of the
//! previous release, because they serve while it runs: add first, and remove in a later release
//! (expand and contract).

use refinery::Runner;
use serde::Serialize;
use tokio_postgres::Config;

mod embedded {
    refinery::embed_migrations!(".");
}

/// What a run of the migrations did.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The migrations that it applied, oldest first, such as `V1__create_tasks`.
    pub applied: Vec<String>,
}

/// Why the migrations could not be applied.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database cannot be reached.
    #[error(transparent)]
    Connect(#[from] shared::store::StoreError),
    /// The lock that keeps a second run waiting could not be taken.
    #[error("the lock for migrations: {0}")]
    Lock(#[from] tokio_postgres::Error),
    /// A migration failed, or one that was applied has been edited or removed since.
    #[error(transparent)]
    Migration(#[from] refinery::Error),
}

/// Names the lock that a run holds: any number that nobody else uses.
const LOCK: &str = "select pg_advisory_xact_lock(7108397210)";

/// Applies every migration that the database lacks.
///
/// Safe to run twice at once: the second waits for the first and finds nothing to do. A transaction
/// on a connection of its own holds the lock: on a connection pooled by `PgBouncer`, a session's
/// lock would outlive the session.
pub async fn apply(database: &Config) -> Result<Report, Error> {
    let mut lock = shared::store::database::connect(database).await?;
    let lock = lock.transaction().await?;
    lock.batch_execute(LOCK).await?;

    let mut client = shared::store::database::connect(database).await?;
    let runner: Runner = embedded::migrations::runner();
    let report = runner.run_async(&mut client).await?;

    lock.commit().await?;
    Ok(Report {
        applied: report
            .applied_migrations()
            .iter()
            .map(ToString::to_string)
            .collect(),
    })
}
