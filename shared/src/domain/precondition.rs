//! Conditions on a change.

use serde::Serialize;

/// What a change requires of its task. A task's version identifies its state.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Precondition {
    /// Whether the client requires anything.
    pub stated: bool,
    /// The task has one of these versions (`If-Match`).
    pub one_of: Option<Vec<i64>>,
    /// The task has none of these versions (`If-None-Match`).
    pub none_of: Option<Vec<i64>>,
    /// There is no such task (`If-None-Match: *`).
    pub absent: bool,
}
