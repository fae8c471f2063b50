//! What is asked of a list: which tasks, in which order, from where.

use serde::Serialize;
use uuid::Uuid;

use crate::Task;
use crate::task::{Due, Priority, TimeZoneName, rfc3339};

/// The most tasks that a page holds.
pub const LIST_MAX_TASKS: u16 = 1000;

/// Which tasks a list holds, by whether they are done.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StatusFilter {
    /// Every task.
    #[default]
    All,
    /// Those not done.
    Pending,
    /// Those done.
    Completed,
}

/// From a time on, until before another, both as PostgreSQL reads a `timestamptz`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Window {
    /// The first time within.
    pub after: Option<String>,
    /// The first time no longer within.
    pub before: Option<String>,
}

/// What a list is sorted by.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SortKey {
    /// When the task was stored.
    #[default]
    CreatedAt,
    /// When it last changed.
    UpdatedAt,
    /// When it is due; a task that is not comes last.
    Due,
    /// How much it matters.
    Priority,
    /// Its title, in Unicode's order.
    Title,
}

/// The order of a list; ties are in the order of ids.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct Sort {
    /// What it is sorted by.
    pub key: SortKey,
    /// Whether the largest comes first.
    pub descending: bool,
}

impl Default for Sort {
    /// The newest first.
    fn default() -> Self {
        Self {
            key: SortKey::CreatedAt,
            descending: true,
        }
    }
}

/// The last task of a page: the next one begins after it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Cursor {
    /// What it is sorted by, as text.
    pub key: String,
    /// Its id.
    pub id: Uuid,
}

/// What is asked of a list. As JSON it tells whether two pages belong to one list.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListQuery {
    /// By whether they are done.
    pub status: StatusFilter,
    /// Tasks of any of these priorities; of every priority when there is none.
    pub priorities: Vec<Priority>,
    /// Tasks that have all of these tags.
    pub tags: Vec<String>,
    /// By when they are due; tasks that are not due are outside of every window.
    pub due: Window,
    /// By when they were stored.
    pub created: Window,
    /// By when they last changed.
    pub updated: Window,
    /// Whether they are pending and were due.
    pub overdue: Option<bool>,
    /// Where "today" is judged for tasks that are due all day; in UTC when there is none.
    pub time_zone: Option<TimeZoneName>,
    /// Words that begin words of the title or the description; or a text within one of them.
    pub search: Option<String>,
    /// In which order.
    pub sort: Sort,
    /// The most tasks of the page; nothing for [`LIST_MAX_TASKS`].
    #[serde(skip)]
    pub limit: Option<u16>,
    /// Where the page begins.
    #[serde(skip)]
    pub cursor: Option<Cursor>,
    /// Whether to count the tasks of all pages.
    #[serde(skip)]
    pub count: bool,
}

impl ListQuery {
    /// How many tasks the page may hold.
    #[must_use]
    pub fn limit(&self) -> u16 {
        self.limit.unwrap_or(LIST_MAX_TASKS)
    }

    /// The cursor of the page that begins after `task`.
    #[must_use]
    pub fn cursor_after(&self, task: &Task) -> Cursor {
        let key = match self.sort.key {
            SortKey::CreatedAt => rfc3339(&task.created_at),
            SortKey::UpdatedAt => rfc3339(&task.updated_at),
            SortKey::Due => task
                .due
                .as_ref()
                .map_or_else(|| "infinity".to_owned(), Due::order),
            SortKey::Priority => task.priority.rank().to_string(),
            SortKey::Title => task.title.clone(),
        };
        Cursor { key, id: task.id }
    }
}
