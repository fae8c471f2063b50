//! Who ran too much at once.

use std::sync::Mutex;
use std::time::{Duration, Instant};

/// For how long a user who was refused is treated with caution.
const CAUTION: Duration = Duration::from_secs(2);

/// The user who was refused last, and when. Most environments serve one request at a time, so one
/// is enough.
#[derive(Debug, Default)]
pub(super) struct Refused(Mutex<Option<(String, Instant)>>);

impl Refused {
    /// Whether this user was refused a moment ago.
    pub(super) fn was(&self, user_id: &str) -> bool {
        self.0.lock().is_ok_and(|last| {
            last.as_ref()
                .is_some_and(|(user, at)| user == user_id && at.elapsed() < CAUTION)
        })
    }

    /// Notes that this user was refused now.
    pub(super) fn note(&self, user_id: &str) {
        if let Ok(mut last) = self.0.lock() {
            *last = Some((user_id.to_owned(), Instant::now()));
        }
    }
}
