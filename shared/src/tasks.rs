//! Every SQL statement on tasks.
//!
//! Each filters by the caller's id, `$1`, although row-level security does the same: isolation twice.

use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::db::{Parameter, Repeat};
use crate::task::{Description, Title};
use crate::{Caller, Database, Error, NewTask, StatusFilter, Task, TaskChanges};

/// The most tasks that a list holds.
pub const LIST_MAX_TASKS: i64 = 1000;

/// Inserting again, after the connection was lost before the answer, finds the id taken and returns the
/// row that is there.
const INSERT: &str = "
insert into tasks (id, user_id, title, description, completed)
values ($2, $1, $3, $4, $5)
on conflict (id) do update set id = excluded.id
returning id, user_id, title, description, completed, created_at, updated_at";

const LIST: &str = "
select id, user_id, title, description, completed, created_at, updated_at
from tasks
where user_id = $1
order by created_at desc, id desc
limit $2";

const LIST_BY_COMPLETED: &str = "
select id, user_id, title, description, completed, created_at, updated_at
from tasks
where user_id = $1 and completed = $3
order by created_at desc, id desc
limit $2";

const GET: &str = "
select id, user_id, title, description, completed, created_at, updated_at
from tasks
where user_id = $1 and id = $2";

/// The trigger `tasks_touch` sets `updated_at`, and only when something changes.
const UPDATE: &str = "
update tasks
set title = coalesce($3, title),
    description = case when $4 then $5 else description end,
    completed = coalesce($6, completed)
where user_id = $1 and id = $2
returning id, user_id, title, description, completed, created_at, updated_at";

const TOGGLE: &str = "
update tasks
set completed = not completed
where user_id = $1 and id = $2
returning id, user_id, title, description, completed, created_at, updated_at";

const DELETE: &str = "
delete from tasks
where user_id = $1 and id = $2
returning id";

/// The tasks of all users. Every call says whose it is about.
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
    pub async fn insert(&self, caller: &Caller, new: NewTask) -> Result<Task, Error> {
        let parameters: [Parameter<'_>; 4] = [
            (&new.id, Type::UUID),
            (&new.title.as_str(), Type::TEXT),
            (&new.description.as_ref().map(Description::as_str), Type::TEXT),
            (&new.completed, Type::BOOL),
        ];
        one(&self.database.run(caller, INSERT, &parameters, Repeat::Safe).await?)
    }

    /// The newest tasks, up to [`LIST_MAX_TASKS`]; newest first.
    pub async fn list(&self, caller: &Caller, status: StatusFilter) -> Result<Vec<Task>, Error> {
        let limit: Parameter<'_> = (&LIST_MAX_TASKS, Type::INT8);
        let rows = match status.completed() {
            None => self.database.run(caller, LIST, &[limit], Repeat::Safe).await?,
            Some(completed) => {
                let parameters = [limit, (&completed, Type::BOOL)];
                self.database.run(caller, LIST_BY_COMPLETED, &parameters, Repeat::Safe).await?
            }
        };
        rows.iter().map(Task::try_from).collect()
    }

    /// One task.
    pub async fn get(&self, caller: &Caller, id: Uuid) -> Result<Task, Error> {
        one(&self.database.run(caller, GET, &[(&id, Type::UUID)], Repeat::Safe).await?)
    }

    /// Changes what `changes` names.
    ///
    /// Not repeated on a lost connection: another change may have come between, and would be undone.
    pub async fn update(&self, caller: &Caller, id: Uuid, changes: TaskChanges) -> Result<Task, Error> {
        let new_description = changes.description.as_ref();
        let parameters: [Parameter<'_>; 5] = [
            (&id, Type::UUID),
            (&changes.title.as_ref().map(Title::as_str), Type::TEXT),
            (&new_description.is_some(), Type::BOOL),
            (&new_description.and_then(Option::as_ref).map(Description::as_str), Type::TEXT),
            (&changes.completed, Type::BOOL),
        ];
        one(&self.database.run(caller, UPDATE, &parameters, Repeat::Unsafe).await?)
    }

    /// Completes a pending task; makes a completed one pending again.
    pub async fn toggle(&self, caller: &Caller, id: Uuid) -> Result<Task, Error> {
        one(&self.database.run(caller, TOGGLE, &[(&id, Type::UUID)], Repeat::Unsafe).await?)
    }

    /// Deletes a task.
    ///
    /// Not repeated on a lost connection: it would not be found, though this very request deleted it.
    pub async fn delete(&self, caller: &Caller, id: Uuid) -> Result<(), Error> {
        let deleted = self.database.run(caller, DELETE, &[(&id, Type::UUID)], Repeat::Unsafe).await?;
        deleted.first().map(|_| ()).ok_or(Error::NotFound)
    }
}

/// The one row of a statement that finds its task by id.
fn one(rows: &[Row]) -> Result<Task, Error> {
    rows.first().ok_or(Error::NotFound).and_then(Task::try_from)
}

impl TryFrom<&Row> for Task {
    type Error = Error;

    fn try_from(row: &Row) -> Result<Self, Error> {
        let task = || {
            Ok(Self {
                id: row.try_get(0)?,
                user_id: row.try_get(1)?,
                title: row.try_get(2)?,
                description: row.try_get(3)?,
                completed: row.try_get(4)?,
                created_at: row.try_get(5)?,
                updated_at: row.try_get(6)?,
            })
        };
        task().map_err(|error: tokio_postgres::Error| Error::Internal(error.to_string()))
    }
}
