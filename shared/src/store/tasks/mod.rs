//! Tasks.
//!
//! Every statement filters by the user's id, `$1`, although row-level security does the same:
//! isolation twice.

mod batch;
mod change;
mod columns;
mod conditions;
mod create;
mod day;
mod due_window;
mod failure;
mod feed;
mod fields;
mod get;
mod list;
mod once;
mod operation;
pub mod statements;
mod summary;
mod trash;

use uuid::Uuid;

use self::fields::Cells;
use super::database::{Access, Database, Repeat, Results, Statement};
use super::error::StoreError;
use super::session::Session;
use crate::domain::{
    Attempt, Batch, FeedPage, ListQuery, Listing, Operation, Outcome, Position, Quota, Summary,
    Task, TimeZoneName, TrashPage,
};

/// The tasks of all users. Every call says whose tasks it is about.
#[derive(Clone, Debug)]
pub struct Tasks {
    database: Database,
    quota: Quota,
}

impl Tasks {
    /// The tasks in `database`, of which each user may have so many.
    #[must_use]
    pub fn new(database: Database, quota: Quota) -> Self {
        Self { database, quota }
    }

    /// A page of the user's tasks, unless the client knows the list in its present state. In that
    /// case, no task is read.
    pub async fn list(
        &self,
        session: &Session,
        query: &ListQuery,
        known: &[String],
    ) -> Result<Listing, StoreError> {
        let statements = statements::list(query, known);
        let results = self.read(session, &statements).await?;
        list::listing(&results, query, known)
    }

    /// One task.
    pub async fn get(&self, session: &Session, id: Uuid) -> Result<Task, StoreError> {
        let results = self.read(session, &[statements::get(id)]).await?;
        columns::task(results.first().ok_or(StoreError::NotFound)?)
    }

    /// Counts the user's tasks. "Today" is the day in `time_zone`, in UTC without one.
    pub async fn summarize(
        &self,
        session: &Session,
        time_zone: Option<&TimeZoneName>,
    ) -> Result<Summary, StoreError> {
        let statement = statements::summarize(time_zone)?;
        let results = self.read(session, &[statement]).await?;
        summary::summary(results.of(0))
    }

    /// A page of what has changed since a position. Fails with [`StoreError::SyncExpired`] if that
    /// is not known any more.
    pub async fn feed(
        &self,
        session: &Session,
        position: &Position,
        limit: u16,
    ) -> Result<FeedPage, StoreError> {
        let statements = statements::feed(position, limit);
        let results = self.read(session, &statements).await?;
        feed::page(&results, position, limit)
    }

    /// A page of the user's trash, which begins after the deletion with the version `after`.
    pub async fn trash(
        &self,
        session: &Session,
        after: Option<i64>,
        limit: u16,
    ) -> Result<TrashPage, StoreError> {
        let results = self
            .read(session, &[statements::trash(after, limit)])
            .await?;
        trash::page(&results, limit)
    }

    /// Deletes the content of a task in the user's trash for good.
    pub async fn discard(&self, session: &Session, id: Uuid) -> Result<(), StoreError> {
        match self.discarded(session, Some(id)).await? {
            0 => Err(StoreError::NotFound),
            _ => Ok(()),
        }
    }

    /// Deletes the content of all tasks in the user's trash for good.
    pub async fn empty_trash(&self, session: &Session) -> Result<(), StoreError> {
        self.discarded(session, None).await.map(drop)
    }

    async fn discarded(&self, session: &Session, id: Option<Uuid>) -> Result<i64, StoreError> {
        // Not repeated on a lost connection: nothing would be left to discard.
        let access = Access::Write(Repeat::Unsafe);
        let statements = [trash::discard(id)];
        let results = self.database.run(session, &statements, access).await?;
        let row = results.first();
        let row = row.ok_or_else(|| StoreError::defect("the trash did not answer"))?;
        Cells::new(row).next()
    }

    async fn read(
        &self,
        session: &Session,
        statements: &[Statement],
    ) -> Result<Results, StoreError> {
        self.database.run(session, statements, Access::Read).await
    }

    /// Does something to one task; with a key, once for each `key` of the user. Fails as the
    /// operation does, and with [`StoreError::IdempotencyKeyReused`] if the key belongs to another
    /// request.
    pub async fn write(
        &self,
        session: &Session,
        operation: Operation,
        key: Option<&str>,
    ) -> Result<Attempt<Outcome>, StoreError> {
        let Some(key) = key else {
            let statement = statements::operation(&operation, &self.quota);
            let access = Access::Write(repeat(&operation));
            let results = self.database.run(session, &[statement], access).await?;
            let outcome = operation::outcome(&operation, results.first())?;
            return Ok(Attempt::first(outcome));
        };
        let batch = Batch {
            atomic: true,
            operations: vec![operation],
        };
        let Attempt { result, replayed } = match self.batch_once(session, &batch, key).await {
            Err(StoreError::BatchFailed(failed)) => {
                let error = failed.into_iter().next().map(|(_, error)| error);
                return Err(error.unwrap_or_else(|| StoreError::defect("nothing failed")));
            }
            attempt => attempt?,
        };
        let result = result.into_iter().next();
        let result = result.unwrap_or_else(|| Err(StoreError::defect("no outcome")))?;
        Ok(Attempt { result, replayed })
    }

    /// Runs the operations of a batch in order, and returns the result of each; with a key, once
    /// for each `key` of the user. Fails with [`StoreError::BatchFailed`] if one of an atomic batch
    /// fails; then nothing has changed.
    pub async fn batch(
        &self,
        session: &Session,
        batch: &Batch,
        key: Option<&str>,
    ) -> Result<Attempt<batch::Outcomes>, StoreError> {
        // A batch without a valid operation does nothing, and leaves its key free.
        if let Some(key) = key.filter(|_| !batch.operations.is_empty()) {
            return self.batch_once(session, batch, key).await;
        }
        let statements = statements::batch(batch, &self.quota);
        // Not repeated on a lost connection, because its operations are not either.
        let access = Access::Write(Repeat::Unsafe);
        let results = self.database.run(session, &statements, access).await?;
        batch::outcomes(batch, &results, 0).map(Attempt::first)
    }

    async fn batch_once(
        &self,
        session: &Session,
        batch: &Batch,
        key: &str,
    ) -> Result<Attempt<batch::Outcomes>, StoreError> {
        let statements = once::once(batch, key, &self.quota)?;
        let access = Access::Write(Repeat::Safe);
        let results = self.database.run(session, &statements, access).await?;
        match once::replayed(batch, &results, session.user_id())? {
            Some(outcomes) => Ok(Attempt::replayed(outcomes)),
            None => batch::outcomes(batch, &results, once::FIRST).map(Attempt::first),
        }
    }
}

/// Whether an operation may run again if its connection was lost before the answer.
fn repeat(operation: &Operation) -> Repeat {
    match operation {
        // It finds the task that it stored itself, by an id that no other request has.
        Operation::Create(new) if !new.has_own_id => Repeat::Safe,
        // Changes could undo a change made in between, and deletions find nothing to delete.
        _ => Repeat::Unsafe,
    }
}
