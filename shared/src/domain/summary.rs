//! Counts of a user's tasks.

use serde::{Serialize, Serializer};

use super::priority::Priority;

/// The maximum number of tags in a summary.
pub const SUMMARY_MAX_TAGS: u16 = 1000;

/// How many tasks a user has.
#[derive(Debug, Default, Serialize)]
pub struct Summary {
    /// All of them.
    pub total: i64,
    /// Those not done.
    pub pending: i64,
    /// Those done.
    pub completed: i64,
    /// Pending tasks whose due date has passed. An all-day due date passes at the end of its day.
    pub overdue: i64,
    /// Pending tasks that are due today, at any time of the day.
    pub due_today: i64,
    /// By priority.
    pub by_priority: ByPriority,
    /// By tag, those with the most pending tasks first, up to [`SUMMARY_MAX_TAGS`].
    pub by_tag: Vec<TagCounts>,
}

/// How many tasks of one kind there are.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Counts {
    /// Those not done.
    pub pending: i64,
    /// Those done.
    pub completed: i64,
}

/// The counts of each priority, in the order of [`Priority::ALL`].
#[derive(Debug, Default)]
pub struct ByPriority(pub [Counts; Priority::ALL.len()]);

impl Serialize for ByPriority {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Priority::ALL.map(Priority::name).into_iter().zip(self.0))
    }
}

/// The counts of one tag.
#[derive(Debug, Serialize)]
pub struct TagCounts {
    /// The tag.
    pub tag: String,
    /// How many tasks have it.
    #[serde(flatten)]
    pub counts: Counts,
}
