//! Batches: several operations in one transaction.

use serde::Serialize;
use uuid::Uuid;

use super::changes::TaskChanges;
use super::precondition::Precondition;
use super::task::{NewTask, Task};

/// The maximum number of operations in a batch.
pub const BATCH_MAX_OPERATIONS: usize = 100;

/// Operations that run in order, in one transaction: each sees the changes of those before it.
///
/// Their JSON form decides whether a request with an `Idempotency-Key` is the same one.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Batch {
    /// Whether nothing changes if one of them fails.
    pub atomic: bool,
    /// The operations, in order.
    pub operations: Vec<Operation>,
}

/// What a request, or a part of a batch, does to one task.
#[derive(Clone, Debug, Serialize)]
pub enum Operation {
    /// Stores a new task. Fails if the user already has a task with its id.
    Create(NewTask),
    /// Changes the task with that id.
    Update(Uuid, TaskChanges, Precondition),
    /// Deletes the task with that id.
    Delete(Uuid, Precondition),
}

impl Operation {
    /// The id of its task.
    #[must_use]
    pub fn id(&self) -> Uuid {
        match self {
            Self::Create(new) => new.id,
            Self::Update(id, ..) | Self::Delete(id, _) => *id,
        }
    }
}

/// The result of an operation that succeeded.
#[derive(Debug)]
pub enum Outcome {
    /// The new task.
    Created(Task),
    /// The task after the operation.
    Updated(Task),
    /// The task is gone.
    Deleted,
    /// The operation was done before, and its task, which it changed, has been deleted since.
    Gone,
}
