//! Conditions on a change.

use jiff::Timestamp;

/// What a change requires of its task. The time of its last change identifies a task's state.
#[derive(Clone, Debug, Default)]
pub struct Precondition {
    /// Whether the client requires anything.
    pub stated: bool,
    /// The task last changed at one of these times (`If-Match`).
    pub one_of: Option<Vec<Timestamp>>,
    /// The task last changed at none of these times (`If-None-Match`).
    pub none_of: Option<Vec<Timestamp>>,
    /// There is no such task (`If-None-Match: *`).
    pub absent: bool,
}
