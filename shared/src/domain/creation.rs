//! Creations that are safe to repeat.

use super::task::Task;

/// The result of a creation with an `Idempotency-Key`.
#[derive(Debug)]
pub enum Creation {
    /// This request stored the task.
    New(Task),
    /// An earlier request with the same key stored the task, and got this answer.
    Replayed(Task),
}
