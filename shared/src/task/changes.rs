//! What clients say of a task: a new one, or changes to one.

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::{Description, Due, Priority, Tags, Task, TimeZoneName, Title};

/// A task that is about to be stored. As JSON, without its id, it tells whether two requests ask for the same.
#[derive(Clone, Debug, Serialize)]
pub struct NewTask {
    /// Chosen before the first try, so that storing it twice stores one task.
    #[serde(skip)]
    pub id: Uuid,
    /// See [`Task::title`].
    pub title: Title,
    /// See [`Task::description`].
    pub description: Option<Description>,
    /// See [`Task::completed`].
    pub completed: bool,
    /// See [`Task::priority`].
    pub priority: Priority,
    /// See [`Task::due`].
    pub due: Option<Due>,
    /// See [`Task::time_zone`].
    pub time_zone: Option<TimeZoneName>,
    /// See [`Task::tags`].
    pub tags: Tags,
}

impl NewTask {
    /// The task as it is stored, once the database has told when.
    #[must_use]
    pub fn stored(self, id: Uuid, user_id: String, created_at: Timestamp) -> Task {
        Task {
            id,
            user_id,
            title: self.title.into_string(),
            description: self.description.map(Description::into_string),
            completed: self.completed,
            priority: self.priority,
            due: self.due,
            time_zone: self.time_zone.map(TimeZoneName::into_string),
            tags: self.tags.into_vec(),
            completed_at: self.completed.then_some(created_at),
            created_at,
            updated_at: created_at,
        }
    }
}

/// Changes to a task: what is `None` stays as it is; `Some(None)` removes what was there.
#[derive(Clone, Debug, Default)]
pub struct TaskChanges {
    /// The new title.
    pub title: Option<Title>,
    /// The new description.
    pub description: Option<Option<Description>>,
    /// Whether it is done now.
    pub completed: Option<Completion>,
    /// The new priority.
    pub priority: Option<Priority>,
    /// When it is to be done now.
    pub due: Option<Option<Due>>,
    /// The time zone that `due` is meant in now.
    pub time_zone: Option<Option<TimeZoneName>>,
    /// The new tags, all of them.
    pub tags: Option<Tags>,
}

/// What becomes of `completed`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Completion {
    /// What is pending is completed, what is completed becomes pending again.
    #[default]
    Toggle,
    /// `true` completes the task, `false` makes it pending again.
    Set(bool),
}

impl From<Completion> for TaskChanges {
    fn from(completion: Completion) -> Self {
        Self {
            completed: Some(completion),
            ..Self::default()
        }
    }
}
