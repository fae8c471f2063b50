//! Priorities: how important a task is.

use serde::Serialize;

/// The priority of a task.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// Nothing has been said about it.
    #[default]
    None,
    /// For when there is time.
    Low,
    /// Like most tasks.
    Medium,
    /// Before others.
    High,
    /// Before everything else.
    Urgent,
}

/// The text does not name a priority.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
#[error("must be `none`, `low`, `medium`, `high` or `urgent`")]
pub struct UnknownPriority;

impl Priority {
    /// Every priority, the lowest first. The index of each is its number in the database.
    pub const ALL: [Self; 5] = [
        Self::None,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::Urgent,
    ];

    /// Its number in the database. A larger number is more important.
    #[must_use]
    pub fn rank(self) -> i16 {
        self as i16
    }

    /// The priority with that number.
    #[must_use]
    pub fn from_rank(rank: i16) -> Option<Self> {
        usize::try_from(rank)
            .ok()
            .and_then(|rank| Self::ALL.get(rank))
            .copied()
    }

    /// Accepts the name of a priority in the form that clients use.
    pub fn parse(name: &str) -> Result<Self, UnknownPriority> {
        Self::ALL
            .into_iter()
            .find(|priority| priority.name() == name)
            .ok_or(UnknownPriority)
    }

    /// Its name in the form that clients use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }
}
