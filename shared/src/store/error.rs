//! Errors of the store.

use std::error::Error;

/// Why the store could not do what it was asked to do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The user has no such task. Another user's task is no different from a missing one.
    #[error("the user has no such task")]
    NotFound,
    /// The user already has a task with the id of the new one.
    #[error("the user already has such a task")]
    AlreadyExists,
    /// The user has as much as one user may have.
    #[error("the user has as much as one user may have")]
    QuotaExceeded,
    /// The task is not in a state that the precondition allows.
    #[error("the precondition failed")]
    PreconditionFailed,
    /// The idempotency key belongs to another request.
    #[error("the idempotency key belongs to another request")]
    IdempotencyKeyReused,
    /// Operations of an atomic batch failed, so nothing was changed: their positions, and why.
    #[error("{} operations of the batch failed", .0.len())]
    BatchFailed(Vec<(usize, StoreError)>),
    /// What has happened since a position in the feed is not known any more.
    #[error("the position in the feed has expired")]
    SyncExpired,
    /// The user runs as much at once as one user may, and has waited for a long time.
    #[error("the user runs too much at once")]
    Busy,
    /// The database could not be reached, or did not answer in time. It may work later.
    #[error("the database is unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// A defect: the database refused a statement, or its answer makes no sense.
    #[error("the store has a defect")]
    Defect(#[source] Box<dyn Error + Send + Sync>),
}

impl StoreError {
    /// A defect with this cause.
    pub(super) fn defect(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Defect(cause.into())
    }
}
