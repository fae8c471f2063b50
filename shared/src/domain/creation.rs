//! Creations that can be sent again.

use super::task::Task;

/// The result of a creation with an `Idempotency-Key`.
#[derive(Debug)]
pub enum Creation {
    /// The task has been stored now.
    New(Task),
    /// The same request stored the task earlier. This is what it was answered.
    Replayed(Task),
}
