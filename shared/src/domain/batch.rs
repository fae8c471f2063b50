//! Batches: several operations in one transaction.

use uuid::Uuid;

use super::changes::TaskChanges;
use super::precondition::Precondition;
use super::task::{NewTask, Task};

/// The most operations of a batch.
pub const BATCH_MAX_OPERATIONS: usize = 100;

/// Operations that are done in order, in one transaction: each sees what those before it did.
#[derive(Debug, Default)]
pub struct Batch {
    /// Whether nothing is done when one of them fails.
    pub atomic: bool,
    /// The operations, in order.
    pub operations: Vec<Operation>,
}

/// One operation of a batch.
#[derive(Debug)]
pub enum Operation {
    /// Stores a new task. Fails if the user already has a task with its id.
    Create(NewTask),
    /// Changes the task with that id.
    Update(Uuid, TaskChanges, Precondition),
    /// Deletes the task with that id.
    Delete(Uuid, Precondition),
}

/// The result of an operation that was done.
#[derive(Debug)]
pub enum Outcome {
    /// The new task.
    Created(Task),
    /// The task after the operation.
    Updated(Task),
    /// The task is gone.
    Deleted,
}
