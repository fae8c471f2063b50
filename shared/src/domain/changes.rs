//! Changes to a task.

use serde::Serialize;

use super::due::Due;
use super::priority::Priority;
use super::tags::Tags;
use super::text::{Description, Title};
use super::time_zone::TimeZoneName;

/// What happens to one field.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub enum Change<T> {
    /// It stays as it is.
    #[default]
    Keep,
    /// It gets this value.
    Set(T),
}

impl<T> Change<T> {
    fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }
}

/// What happens to each field of [`TaskFields`](super::TaskFields).
#[derive(Clone, Debug, Default, Serialize)]
pub struct TaskChanges {
    /// The title.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub title: Change<Title>,
    /// The description; `None` removes it.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub description: Change<Option<Description>>,
    /// Whether the task is done.
    pub completed: Completion,
    /// The priority.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub priority: Change<Priority>,
    /// The due date; `None` removes it.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub due: Change<Option<Due>>,
    /// The time zone; `None` removes it.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub time_zone: Change<Option<TimeZoneName>>,
    /// The tags, which replace all those that the task has.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub tags: Change<Tags>,
}

/// What happens to `completed`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
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
