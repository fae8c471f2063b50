//! How much a task matters.

use serde::Serialize;

/// The priority of a task; the default is none.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// Nothing was said about it.
    #[default]
    None,
    /// When there is time.
    Low,
    /// As most tasks.
    Medium,
    /// Before others.
    High,
    /// Before everything else.
    Urgent,
}

/// The text names no priority.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
#[error("must be `none`, `low`, `medium`, `high` or `urgent`")]
pub struct UnknownPriority;

impl Priority {
    /// Every priority, the least first: the place of each is the number that the database has for it.
    pub const ALL: [Self; 5] = [
        Self::None,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::Urgent,
    ];

    /// The number that the database has for it; a larger one matters more.
    #[must_use]
    pub fn rank(self) -> i16 {
        self as i16
    }

    /// The priority of that rank.
    #[must_use]
    pub fn of_rank(rank: i16) -> Option<Self> {
        usize::try_from(rank)
            .ok()
            .and_then(|rank| Self::ALL.get(rank))
            .copied()
    }

    /// Accepts the name of a priority, as clients write it.
    pub fn parse(name: &str) -> Result<Self, UnknownPriority> {
        Self::ALL
            .into_iter()
            .find(|priority| priority.name() == name)
            .ok_or(UnknownPriority)
    }

    /// Its name, as clients see it.
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
