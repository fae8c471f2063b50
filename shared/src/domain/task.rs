//! Tasks: what a client says about one, and what the service adds.

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::due::Due;
use super::priority::Priority;
use super::tags::Tags;
use super::text::{Description, Title};
use super::time_zone::TimeZoneName;
use super::timestamp;

/// The fields of a task that a client sets. CONTRIBUTING.md has the recipe for adding one.
#[derive(Clone, Debug, Serialize)]
pub struct TaskFields {
    /// What is to be done.
    pub title: Title,
    /// More about it.
    pub description: Option<Description>,
    /// Whether it is done.
    pub completed: bool,
    /// How much it matters.
    pub priority: Priority,
    /// When it is to be done.
    pub due: Option<Due>,
    /// The IANA time zone that `due` is meant in.
    pub time_zone: Option<TimeZoneName>,
    /// Words to find it by.
    pub tags: Tags,
}

impl TaskFields {
    /// A pending task with a title and nothing else.
    #[must_use]
    pub fn new(title: Title) -> Self {
        Self {
            title,
            description: None,
            completed: false,
            priority: Priority::default(),
            due: None,
            time_zone: None,
            tags: Tags::default(),
        }
    }
}

/// A task that is about to be stored.
#[derive(Clone, Debug)]
pub struct NewTask {
    /// Chosen before the first attempt, so that a second attempt does not store a second task.
    /// UUID version 7 (RFC 9562), so that ids ascend with time, unless the client has chosen it.
    pub id: Uuid,
    /// What the client says about it.
    pub fields: TaskFields,
}

impl NewTask {
    /// The stored task, once the database has said when it was stored.
    #[must_use]
    pub fn stored(self, id: Uuid, user_id: String, created_at: Timestamp) -> Task {
        Task {
            id,
            user_id,
            completed_at: self.fields.completed.then_some(created_at),
            fields: self.fields,
            created_at,
            updated_at: created_at,
        }
    }
}

/// A task as clients see it. Fields may be added; none is ever renamed or removed.
#[derive(Debug, Serialize)]
pub struct Task {
    /// Its id, which is unique among the tasks of its user.
    pub id: Uuid,
    /// Its owner: the subject of that user's tokens.
    pub user_id: String,
    /// What the client says about it.
    #[serde(flatten)]
    pub fields: TaskFields,
    /// When it was completed; `None` while it is pending.
    #[serde(serialize_with = "timestamp::optional")]
    pub completed_at: Option<Timestamp>,
    /// When it was stored.
    #[serde(serialize_with = "timestamp::required")]
    pub created_at: Timestamp,
    /// When it last changed; equal to `created_at` until then. Every change moves it forward.
    #[serde(serialize_with = "timestamp::required")]
    pub updated_at: Timestamp,
}
