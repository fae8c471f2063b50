//! Tasks.
//!
//! Every statement filters by the user's id, `$1`, although row-level security does the same:
//! isolation twice.

mod batch;
mod change;
mod columns;
mod create;
mod day;
mod fields;
mod get;
mod list;
pub mod statements;
mod summary;

use uuid::Uuid;

use super::database::{Database, Repeat, Results, Statement};
use super::error::StoreError;
use super::session::Session;
use crate::domain::{
    Batch, Creation, ListQuery, NewTask, Outcome, Page, Precondition, Summary, Task, TaskChanges,
    TimeZoneName,
};

/// The tasks of all users. Every call says whose tasks it is about.
#[derive(Clone, Debug)]
pub struct Tasks {
    database: Database,
}

impl Tasks {
    /// The tasks in `database`.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// Stores a new task.
    pub async fn create(&self, session: &Session, new: NewTask) -> Result<Task, StoreError> {
        let results = self
            .run(session, statements::create(&new), Repeat::Safe)
            .await?;
        create::stored(results.first(), session.user_id(), new)?
            .ok_or_else(|| StoreError::defect("nothing was inserted"))
    }

    /// Stores a new task with an id that the client has chosen. Fails with
    /// [`StoreError::PreconditionFailed`] if the user already has a task with that id.
    ///
    /// Not repeated on a lost connection: it would find the task that it stored itself.
    pub async fn create_absent(&self, session: &Session, new: NewTask) -> Result<Task, StoreError> {
        let statement = create::create_absent(&new);
        let results = self.run(session, statement, Repeat::Unsafe).await?;
        create::stored(results.first(), session.user_id(), new)?
            .ok_or(StoreError::PreconditionFailed)
    }

    /// Stores a new task once for each `key` of the user. Fails with
    /// [`StoreError::IdempotencyKeyReused`] if the key belongs to another request.
    pub async fn create_once(
        &self,
        session: &Session,
        key: String,
        new: NewTask,
    ) -> Result<Creation, StoreError> {
        let statements = create::create_once(key, &new)?;
        let results = self
            .database
            .run(session, &statements, Repeat::Safe)
            .await?;
        create::claimed(&results, session.user_id(), new)
    }

    /// A page of the user's tasks.
    pub async fn list(&self, session: &Session, query: &ListQuery) -> Result<Page, StoreError> {
        let statements = statements::list(query);
        let results = self
            .database
            .run(session, &statements, Repeat::Safe)
            .await?;
        list::page(&results, query)
    }

    /// One task.
    pub async fn get(&self, session: &Session, id: Uuid) -> Result<Task, StoreError> {
        let results = self.run(session, statements::get(id), Repeat::Safe).await?;
        columns::task(results.first().ok_or(StoreError::NotFound)?)
    }

    /// Changes a task. Fails with [`StoreError::PreconditionFailed`] if it is in a state that
    /// `precondition` does not allow.
    ///
    /// Not repeated on a lost connection: that could undo a change made in between.
    pub async fn update(
        &self,
        session: &Session,
        id: Uuid,
        changes: &TaskChanges,
        precondition: &Precondition,
    ) -> Result<Task, StoreError> {
        let statement = statements::update(id, changes, precondition);
        let results = self.run(session, statement, Repeat::Unsafe).await?;
        columns::task(change::changed(results.first(), precondition)?)
    }

    /// Deletes a task. Fails with [`StoreError::PreconditionFailed`] if it is in a state that
    /// `precondition` does not allow.
    ///
    /// Not repeated on a lost connection: that would not find the task that the first run deleted.
    pub async fn delete(
        &self,
        session: &Session,
        id: Uuid,
        precondition: &Precondition,
    ) -> Result<(), StoreError> {
        let statement = statements::delete(id, precondition);
        let results = self.run(session, statement, Repeat::Unsafe).await?;
        change::changed(results.first(), precondition)?;
        Ok(())
    }

    /// Runs the operations of a batch in order, and returns the result of each. Fails with
    /// [`StoreError::BatchFailed`] if one of an atomic batch fails; then nothing has changed.
    ///
    /// Not repeated on a lost connection, because its operations are not either.
    pub async fn batch(
        &self,
        session: &Session,
        batch: Batch,
    ) -> Result<Vec<Result<Outcome, StoreError>>, StoreError> {
        let statements = statements::batch(&batch);
        let results = self
            .database
            .run(session, &statements, Repeat::Unsafe)
            .await?;
        batch::outcomes(batch, &results, session.user_id())
    }

    /// Counts the user's tasks. "Today" is the day in `time_zone`, in UTC without one.
    pub async fn summarize(
        &self,
        session: &Session,
        time_zone: Option<&TimeZoneName>,
    ) -> Result<Summary, StoreError> {
        let statement = statements::summarize(time_zone)?;
        let results = self.run(session, statement, Repeat::Safe).await?;
        summary::summary(results.of(0))
    }

    async fn run(
        &self,
        session: &Session,
        statement: Statement,
        repeat: Repeat,
    ) -> Result<Results, StoreError> {
        self.database.run(session, &[statement], repeat).await
    }
}
