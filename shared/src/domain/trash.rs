//! The trash.

use jiff::Timestamp;
use serde::Serialize;

use super::task::Task;
use super::timestamp;

/// A deleted task that can be restored.
#[derive(Debug, Serialize)]
pub struct TrashedTask {
    /// The task as it was.
    pub task: Task,
    /// When it was deleted.
    #[serde(serialize_with = "timestamp::required")]
    pub deleted_at: Timestamp,
}

/// A page of the trash.
#[derive(Debug)]
pub struct TrashPage {
    /// Its tasks, those that were deleted last first.
    pub tasks: Vec<TrashedTask>,
    /// Whether there are more.
    pub more: bool,
}
