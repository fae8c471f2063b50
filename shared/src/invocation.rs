//! One invocation: what Lambda says of it, and what its log line tells.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use lambda_http::Context;

/// Kept back from the invocation's deadline, so that the answer still leaves in time.
const ANSWER_RESERVE: Duration = Duration::from_millis(500);

/// Without a deadline in the future, the longest that a request takes: an event given by hand has none, and
/// `cargo lambda watch` tells how long is left in place of until when.
const DEFAULT_TIME: Duration = Duration::from_secs(10);

/// The invocation that a request belongs to; cloning it is cheap.
#[derive(Clone, Debug)]
pub struct Invocation(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    request_id: String,
    cold_start: bool,
    started: Instant,
    deadline: Instant,
    database_micros: AtomicU64,
    subject: OnceLock<String>,
}

impl Invocation {
    /// Begins now, with the deadline that `context` tells.
    #[must_use]
    pub fn begin(context: &Context, cold_start: bool) -> Self {
        let left = context
            .deadline()
            .duration_since(SystemTime::now())
            .unwrap_or(DEFAULT_TIME);
        let started = Instant::now();
        Self(Arc::new(Inner {
            request_id: context.request_id.clone(),
            cold_start,
            started,
            deadline: started + left.saturating_sub(ANSWER_RESERVE),
            database_micros: AtomicU64::new(0),
            subject: OnceLock::new(),
        }))
    }

    /// The time that is left for work before the answer must leave.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        self.0.deadline.saturating_duration_since(Instant::now())
    }

    /// Lambda's id of the invocation.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.0.request_id
    }

    /// Whether this is the first invocation of its execution environment.
    #[must_use]
    pub fn cold_start(&self) -> bool {
        self.0.cold_start
    }

    /// Milliseconds since it began.
    #[must_use]
    pub fn milliseconds(&self) -> f64 {
        milliseconds(self.0.started.elapsed())
    }

    /// Milliseconds spent waiting for the database, connecting included.
    #[must_use]
    pub fn database_milliseconds(&self) -> f64 {
        milliseconds(Duration::from_micros(
            self.0.database_micros.load(Ordering::Relaxed),
        ))
    }

    /// Who the caller is, once the token was verified.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.0.subject.get().map(String::as_str)
    }

    pub(crate) fn add_database_time(&self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.0.database_micros.fetch_add(micros, Ordering::Relaxed);
    }

    pub(crate) fn set_subject(&self, subject: &str) {
        self.0.subject.get_or_init(|| subject.to_owned());
    }
}

fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

impl<S: Sync> FromRequestParts<S> for Invocation {
    type Rejection = Infallible;

    /// The invocation that `serve` attached; a request that came another way gets one of its own.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let attached = parts.extensions.get::<Self>().cloned();
        Ok(attached.unwrap_or_else(|| Self::begin(&Context::default(), false)))
    }
}
