//! The feed of changes, which keeps a client's copy of a user's tasks exact.
//!
//! A client that has nothing first reads every task that exists, in the order of ids, which do not
//! change meanwhile: so this ends, whatever is written at the same time. Then come the changes
//! since it began, in the order of their versions, and from then on those since the last one read.

use jiff::Timestamp;
use uuid::Uuid;

use super::task::Task;

/// How far a client has read. Versions belong to an epoch: a user who was erased has another.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Position {
    /// It has nothing.
    Nothing,
    /// It is reading every task that exists.
    Everything {
        /// The epoch.
        epoch: Uuid,
        /// The user's version when it began.
        start: i64,
        /// The id of the last task that it has read.
        after: Uuid,
        /// The id of the last task that there was when it began.
        last: Uuid,
    },
    /// It has read everything, and reads what has changed meanwhile.
    Meanwhile {
        /// The epoch.
        epoch: Uuid,
        /// The version of the last change that it has read.
        after: i64,
        /// The last version that belongs to this part.
        end: i64,
    },
    /// It has read all changes up to this version.
    Since {
        /// The epoch.
        epoch: Uuid,
        /// The version.
        version: i64,
    },
}

/// What has become of a task.
#[derive(Debug)]
pub enum FeedChange {
    /// It exists, in this state.
    Task(Box<Task>),
    /// It was deleted.
    Deletion {
        /// Its id.
        id: Uuid,
        /// The version of the deletion.
        version: i64,
        /// When it was deleted.
        deleted_at: Timestamp,
        /// Whether it is still in the trash.
        restorable: bool,
    },
}

impl FeedChange {
    /// The id of the task.
    #[must_use]
    pub fn id(&self) -> Uuid {
        match self {
            Self::Task(task) => task.id,
            Self::Deletion { id, .. } => *id,
        }
    }

    /// The version of the change.
    #[must_use]
    pub fn version(&self) -> i64 {
        match self {
            Self::Task(task) => task.version,
            Self::Deletion { version, .. } => *version,
        }
    }
}

/// A page of the feed.
#[derive(Debug)]
pub struct FeedPage {
    /// Its changes.
    pub changes: Vec<FeedChange>,
    /// Whether the database has more for this position.
    pub more: bool,
    /// The position at which it begins, once it is known what there is.
    pub from: Position,
    /// The user's version.
    pub head: i64,
}

impl FeedPage {
    /// Whether it is part of a reading of everything: a task that is not listed there does not exist.
    #[must_use]
    pub fn is_full(&self) -> bool {
        !matches!(self.from, Position::Since { .. })
    }

    /// The position after the first `held` changes, and whether there is more to read there.
    #[must_use]
    pub fn after(&self, held: usize) -> (Position, bool) {
        let read = self.changes[..held].last();
        let more = self.more || held < self.changes.len();
        match self.from {
            Position::Nothing => (Position::Nothing, false),
            Position::Everything {
                epoch,
                start,
                after,
                last,
            } if more => {
                let after = read.map_or(after, FeedChange::id);
                let position = Position::Everything {
                    epoch,
                    start,
                    after,
                    last,
                };
                (position, true)
            }
            Position::Everything { epoch, start, .. } if start < self.head => {
                let (after, end) = (start, self.head);
                (Position::Meanwhile { epoch, after, end }, true)
            }
            Position::Everything {
                epoch,
                start: version,
                ..
            } => (Position::Since { epoch, version }, false),
            Position::Meanwhile { epoch, after, end } => {
                let version = read.map_or(after, FeedChange::version);
                let position = if more {
                    let after = version;
                    Position::Meanwhile { epoch, after, end }
                } else {
                    Position::Since { epoch, version }
                };
                (position, more)
            }
            Position::Since { epoch, version } => {
                let version = read.map_or(version, FeedChange::version);
                (Position::Since { epoch, version }, more)
            }
        }
    }
}
