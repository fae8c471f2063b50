//! Tasks: what a client says about one, and what the service adds.

use jiff::Timestamp;
use serde::ser::Error;
use serde::{Serialize, Serializer};
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
    pub id: Uuid,
    /// Whether the client has chosen the id.
    pub has_own_id: bool,
    /// What the client says about it.
    pub fields: TaskFields,
}

impl NewTask {
    /// A task with an id of this service: UUID version 7 (RFC 9562), so that ids ascend with time.
    #[must_use]
    pub fn new(fields: TaskFields) -> Self {
        Self {
            id: Uuid::now_v7(),
            has_own_id: false,
            fields,
        }
    }

    /// The task with an id that the client has chosen.
    #[must_use]
    pub fn with_id(self, id: Uuid) -> Self {
        Self {
            id,
            has_own_id: true,
            ..self
        }
    }

    /// The task as it is stored when nothing has changed it yet.
    #[must_use]
    pub fn stored(self, user_id: String, created_at: Timestamp, version: i64) -> Task {
        Task {
            id: self.id,
            user_id,
            completed_at: self.fields.completed.then_some(created_at),
            fields: self.fields,
            created_at,
            updated_at: created_at,
            version,
        }
    }
}

/// What the client has said about the task. Fields with their default values are left out, so that
/// the same request has the same form when a release adds fields.
impl Serialize for NewTask {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let object = |fields: &TaskFields| serde_json::to_value(fields).map_err(S::Error::custom);
        let defaults = object(&TaskFields::new(self.fields.title.clone()))?;
        let mut said = object(&self.fields)?;
        if let Some(said) = said.as_object_mut() {
            said.retain(|name, value| name == "title" || defaults.get(name) != Some(value));
        }
        let id = self.has_own_id.then_some(self.id);
        (id, said).serialize(serializer)
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
    /// The number of its last change among all changes of its user's tasks. No state of any of them
    /// has had it before, not even of one that was deleted.
    #[serde(skip)]
    pub version: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Otherwise a request that is repeated after a release would not be the same one.
    #[test]
    fn a_field_that_is_not_set_is_not_in_the_form_of_a_new_task() {
        let title = Title::parse("t").unwrap();
        let new = NewTask::new(TaskFields::new(title.clone()));
        let form = |new: &NewTask| serde_json::to_string(new).unwrap();
        assert_eq!(form(&new), r#"[null,{"title":"t"}]"#);
        let completed = TaskFields {
            completed: true,
            ..TaskFields::new(title)
        };
        let form = form(&NewTask::new(completed).with_id(Uuid::nil()));
        let id = Uuid::nil();
        assert_eq!(
            form,
            format!(r#"["{id}",{{"completed":true,"title":"t"}}]"#)
        );
    }
}
