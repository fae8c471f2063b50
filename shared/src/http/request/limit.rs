//! The maximum number of items on a page.

use super::parameters::FromParameter;
use crate::domain::LIST_MAX_TASKS;

/// A number from 1 to 1,000.
pub(super) struct Limit(pub(super) u16);

impl Default for Limit {
    /// As many as a page may have.
    fn default() -> Self {
        Self(LIST_MAX_TASKS)
    }
}

impl FromParameter for Limit {
    fn from_parameter(text: &str) -> Result<Self, String> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let limit = text
            .parse()
            .ok()
            .filter(|limit| digits && (1..=LIST_MAX_TASKS).contains(limit));
        limit
            .map(Self)
            .ok_or_else(|| format!("must be a number from 1 to {LIST_MAX_TASKS}"))
    }
}
