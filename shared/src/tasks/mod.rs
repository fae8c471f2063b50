//! Every SQL statement on tasks.
//!
//! Each filters by the caller's id, `$1`, although row-level security does the same: isolation twice.

mod batch;
mod change;
mod insert;
mod list;
mod list_query;
mod row;
pub mod statements;
mod summary;

use jiff::Timestamp;
use uuid::Uuid;

pub use batch::{BATCH_MAX_OPERATIONS, Batch, Operation, Outcome};
pub use change::Precondition;
pub use list::Page;
pub use list_query::{Cursor, LIST_MAX_TASKS, ListQuery, Sort, SortKey, StatusFilter, Window};
pub use summary::{SUMMARY_MAX_TAGS, Summary};

use crate::db::{Repeat, Statement};
use crate::task::TimeZoneName;
use crate::{Answer, Caller, Database, Error, NewTask, Task, TaskChanges};

const ERASE_TASKS: &str = "delete from tasks where user_id = $1";

const ERASE_KEYS: &str = "delete from idempotency_keys where user_id = $1";

/// The tasks of all users. Every call says whose it is about.
#[derive(Clone, Debug)]
pub struct Tasks {
    database: Database,
}

/// What became of a creation with an `Idempotency-Key`.
#[derive(Debug)]
pub enum Creation {
    /// The task is stored now.
    New(Task),
    /// The same request had stored it before; this is what it was answered.
    Replayed(Task),
}

impl Tasks {
    /// The tasks in `database`.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// Stores a new task. Storing it again, when the connection was lost before the answer, stores no second one.
    pub async fn insert(&self, caller: &Caller, new: NewTask) -> Result<Task, Error> {
        let rows = self
            .database
            .run(caller, statements::create(&new), Repeat::Safe)
            .await?;
        insert::stored(&rows, caller, new)?
            .ok_or_else(|| Error::Internal("nothing was inserted".into()))
    }

    /// Stores a new task under the id that the client chose, unless the caller has a task of that id:
    /// [`Error::PreconditionFailed`].
    ///
    /// Not repeated on a lost connection: it would find the task that it stored itself.
    pub async fn insert_absent(&self, caller: &Caller, new: NewTask) -> Result<Task, Error> {
        let rows = self
            .database
            .run(caller, insert::if_absent(&new), Repeat::Unsafe)
            .await?;
        insert::stored(&rows, caller, new)?.ok_or(Error::PreconditionFailed)
    }

    /// Stores a new task once for each `key` of the caller. Fails with [`Error::IdempotencyKeyReused`] when the key
    /// belongs to another request.
    pub async fn insert_once(
        &self,
        caller: &Caller,
        key: String,
        new: NewTask,
    ) -> Result<Creation, Error> {
        let statements = insert::once(key, &new)?;
        let results = self
            .database
            .run_all(caller, &statements, Repeat::Safe)
            .await?;
        insert::outcome(&results, caller, new)
    }

    /// A page of the caller's tasks.
    pub async fn list(&self, caller: &Caller, query: &ListQuery) -> Result<Page, Error> {
        let results = self
            .database
            .run_all(caller, &statements::list(query), Repeat::Safe)
            .await?;
        list::page(&results, query)
    }

    /// One task.
    pub async fn get(&self, caller: &Caller, id: Uuid) -> Result<Task, Error> {
        let rows = self
            .database
            .run(caller, statements::get(id), Repeat::Safe)
            .await?;
        rows.first().ok_or(Error::NotFound).and_then(Task::try_from)
    }

    /// Changes what `changes` names, if the task is as `precondition` says: else [`Error::PreconditionFailed`].
    ///
    /// Not repeated on a lost connection: another change may have come between, and would be undone.
    pub async fn update(
        &self,
        caller: &Caller,
        id: Uuid,
        changes: &TaskChanges,
        precondition: &Precondition,
    ) -> Result<Task, Error> {
        let statement = statements::update(id, changes, precondition);
        let rows = self.database.run(caller, statement, Repeat::Unsafe).await?;
        change::found(&rows, precondition).and_then(Task::try_from)
    }

    /// Erases everything that is stored of the caller.
    ///
    /// Not repeated on a lost connection: what the caller creates after it is not to be erased.
    pub async fn erase(&self, caller: &Caller) -> Result<(), Error> {
        let statements = [batch::TAKE_TURNS, ERASE_TASKS, ERASE_KEYS].map(Statement::new);
        self.database
            .run_all(caller, &statements, Repeat::Unsafe)
            .await
            .map(|_| ())
    }

    /// Deletes a task, if it is as `precondition` says: else [`Error::PreconditionFailed`].
    ///
    /// Not repeated on a lost connection: it would not be found, though this very request deleted it.
    pub async fn delete(
        &self,
        caller: &Caller,
        id: Uuid,
        precondition: &Precondition,
    ) -> Result<(), Error> {
        let rows = self
            .database
            .run(caller, statements::delete(id, precondition), Repeat::Unsafe)
            .await?;
        change::found(&rows, precondition).map(|_| ())
    }

    /// Does the operations of a batch in their order; what became of each. Those of an atomic batch are all done, or
    /// none is: [`Error::BatchFailed`].
    ///
    /// Not repeated on a lost connection, as none of its operations would be.
    pub async fn batch(
        &self,
        caller: &Caller,
        batch: Batch,
    ) -> Result<Vec<Answer<batch::Outcome>>, Error> {
        let statements = batch::statements(&batch);
        if !batch.atomic {
            let results = self
                .database
                .run_all(caller, &statements, Repeat::Unsafe)
                .await?;
            return batch::outcomes(batch, &results, caller);
        }
        let (results, stored) = self
            .database
            .run_all_if(caller, &statements, &batch::none_failed())
            .await?;
        batch::all_or_nothing(batch::outcomes(batch, &results, caller)?, stored)
    }

    /// How many tasks the caller has; "today" is judged in `time_zone`, in UTC without one.
    pub async fn summarize(
        &self,
        caller: &Caller,
        time_zone: Option<&TimeZoneName>,
    ) -> Result<Summary, Error> {
        let statement = summary::statement(time_zone, Timestamp::now())?;
        summary::summary(&self.database.run(caller, statement, Repeat::Safe).await?)
    }
}
