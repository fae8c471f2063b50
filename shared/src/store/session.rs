//! Sessions: whose data a request is about, and how long it may take.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The right to read and change one user's data, until a deadline.
///
/// Only `http::request::Caller` makes one, once it has verified a token. Everything that touches a
/// user's data takes a session, so no code can do that without authentication.
#[derive(Debug)]
pub struct Session {
    user_id: String,
    budget: TimeBudget,
}

impl Session {
    pub(crate) fn new(user_id: String, budget: TimeBudget) -> Self {
        Self { user_id, budget }
    }

    /// The user: an opaque string of 1 to 255 characters.
    #[must_use]
    pub fn user_id(&self) -> &str {
        &self.user_id
    }

    pub(super) fn budget(&self) -> &TimeBudget {
        &self.budget
    }
}

/// How long the database may take, and how long it has taken. Cloning it is cheap; clones share the
/// time taken.
#[derive(Clone, Debug)]
pub struct TimeBudget {
    deadline: Instant,
    spent_micros: Arc<AtomicU64>,
}

impl TimeBudget {
    /// A budget of which nothing has been spent yet.
    #[must_use]
    pub fn until(deadline: Instant) -> Self {
        Self {
            deadline,
            spent_micros: Arc::default(),
        }
    }

    /// The time that is left until the deadline.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// The time spent waiting for the database, including connecting.
    #[must_use]
    pub fn spent(&self) -> Duration {
        Duration::from_micros(self.spent_micros.load(Ordering::Relaxed))
    }

    pub(super) fn spend(&self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.spent_micros.fetch_add(micros, Ordering::Relaxed);
    }
}
