//! Changes to a task.

use super::due::Due;
use super::priority::Priority;
use super::tags::Tags;
use super::text::{Description, Title};
use super::time_zone::TimeZoneName;

/// What happens to one field.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Change<T> {
    /// It stays as it is.
    #[default]
    Keep,
    /// It gets this value.
    Set(T),
}

/// What happens to each field of [`TaskFields`](super::TaskFields).
#[derive(Clone, Debug, Default)]
pub struct TaskChanges {
    /// The title.
    pub title: Change<Title>,
    /// The description; `None` removes it.
    pub description: Change<Option<Description>>,
    /// Whether the task is done.
    pub completed: Completion,
    /// The priority.
    pub priority: Change<Priority>,
    /// The due date; `None` removes it.
    pub due: Change<Option<Due>>,
    /// The time zone; `None` removes it.
    pub time_zone: Change<Option<TimeZoneName>>,
    /// The tags, which replace all those that the task has.
    pub tags: Change<Tags>,
}

/// What happens to `completed`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Completion {
    /// It stays as it is.
    #[default]
    Keep,
    /// A pending task is completed; a completed one becomes pending again.
    Toggle,
    /// `true` completes the task; `false` makes it pending again.
    Set(bool),
}

impl From<Completion> for TaskChanges {
    fn from(completed: Completion) -> Self {
        Self {
            completed,
            ..Self::default()
        }
    }
}
