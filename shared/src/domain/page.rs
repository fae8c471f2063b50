//! Pages of tasks: which tasks, in which order, from where.

use serde::Serialize;
use uuid::Uuid;

use super::days::Days;
use super::due::Due;
use super::priority::Priority;
use super::search::Search;
use super::task::Task;
use super::time_zone::TimeZoneName;
use super::timestamp::rfc3339;

/// The maximum number of tasks, or of changes, on a page that a client can ask for.
pub const LIST_MAX_TASKS: u16 = 1000;

/// More tasks than an answer of 6 MB can hold, in which the shortest has more than 320 bytes.
const ENDLESS: u16 = 20_000;

/// Which tasks a list has, by their status.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StatusFilter {
    /// Every task.
    #[default]
    All,
    /// Those that are not completed.
    Pending,
    /// Those that are completed.
    Completed,
}

/// A span of time. Both ends are in a form that PostgreSQL reads as `timestamptz`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Window {
    /// Where it starts: the first time within it.
    pub after: Option<String>,
    /// Where it ends: the first time after it.
    pub before: Option<String>,
}

/// A span of due dates. A day as a bound means its start in the time zone of the query.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DueWindow {
    /// Where it starts: the first due date within it.
    pub after: Option<Due>,
    /// Where it ends: the first due date after it.
    pub before: Option<Due>,
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
    /// When it is due. Tasks without a due date come last.
    Due,
    /// How important it is.
    Priority,
    /// Its title, in Unicode's order.
    Title,
}

/// The order of a list. Ties are broken by id, in the same direction.
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

/// The last task of a page: the next page begins after it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Cursor {
    /// The value that it is sorted by, as text.
    pub key: String,
    /// Its id.
    pub id: Uuid,
}

/// What a client asks of a list. Its JSON form decides whether two pages belong to the same list.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListQuery {
    /// Tasks of this status.
    pub status: StatusFilter,
    /// Tasks of any of these priorities; of every priority if there are none.
    pub priorities: Vec<Priority>,
    /// Tasks that have all of these tags.
    pub tags: Vec<String>,
    /// Tasks that are due in this window. A task without a due date is outside every window.
    pub due: DueWindow,
    /// Tasks that were stored in this window.
    pub created: Window,
    /// Tasks that last changed in this window.
    pub updated: Window,
    /// Whether they are overdue: pending, with a due date that has passed.
    pub overdue: Option<bool>,
    /// The time zone in which days start and end, which matters for all-day due dates; UTC if there
    /// is none.
    pub time_zone: Option<TimeZoneName>,
    /// Words that they contain.
    pub search: Option<Search>,
    /// The order.
    pub sort: Sort,
    /// The maximum number of tasks on a page; as many as an answer can hold if there is none.
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
    /// The maximum number of tasks on a page.
    #[must_use]
    pub fn limit(&self) -> u16 {
        self.limit.unwrap_or(ENDLESS)
    }

    /// When days start in the time zone; `None` without one, which means UTC.
    #[must_use]
    pub fn days(&self) -> Option<Days> {
        self.time_zone.as_ref().map(|name| Days::of(&name.zone()))
    }

    /// The cursor of the page that begins after `task`.
    #[must_use]
    pub fn cursor_after(&self, task: &Task) -> Cursor {
        let key = match self.sort.key {
            SortKey::CreatedAt => rfc3339(&task.created_at),
            SortKey::UpdatedAt => rfc3339(&task.updated_at),
            SortKey::Due => {
                let due = task.fields.due.as_ref();
                due.map_or_else(
                    || "infinity".to_owned(),
                    |due| due.order(self.days().as_ref()),
                )
            }
            SortKey::Priority => task.fields.priority.rank().to_string(),
            SortKey::Title => task.fields.title.as_str().to_owned(),
        };
        Cursor { key, id: task.id }
    }
}

/// A list, as far as the client does not have it.
#[derive(Debug)]
pub enum Listing {
    /// The client has it in this state.
    Known(String),
    /// A page of it.
    Page(Page),
}

/// A page of a list.
#[derive(Debug)]
pub struct Page {
    /// What the list depends on besides the query: everything that the user has changed and, for
    /// what is overdue, the time. Consists of letters, digits and hyphens.
    pub state: String,
    /// Its tasks.
    pub tasks: Vec<Task>,
    /// Whether there are more.
    pub more: bool,
    /// How many tasks all pages have together, if the query asks for it.
    pub total: Option<i64>,
}
