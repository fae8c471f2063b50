//! One invocation: what Lambda says about it, and what its log line reports.

use std::convert::Infallible;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use lambda_http::Context;

use crate::store::TimeBudget;

/// Reserved before the invocation's deadline, so that the answer still leaves in time.
const ANSWER_RESERVE: Duration = Duration::from_millis(500);

/// How long a request may take if its deadline is not in the future: an event sent by hand has
/// none, and `cargo lambda watch` sends a duration instead.
const DEFAULT_TIME: Duration = Duration::from_secs(10);

/// The invocation that a request belongs to. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct Invocation(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    request_id: String,
    cold_start: bool,
    started: Instant,
    budget: TimeBudget,
    subject: OnceLock<String>,
}

impl Invocation {
    /// Begins now, with the deadline of `context`.
    #[must_use]
    pub fn begin(context: &Context, cold_start: bool) -> Self {
        let left = context.deadline().duration_since(SystemTime::now());
        let left = left.unwrap_or(DEFAULT_TIME).saturating_sub(ANSWER_RESERVE);
        let started = Instant::now();
        Self(Arc::new(Inner {
            request_id: context.request_id.clone(),
            cold_start,
            started,
            budget: TimeBudget::until(started + left),
            subject: OnceLock::new(),
        }))
    }

    /// How long the database may take, so that the answer leaves in time.
    #[must_use]
    pub fn budget(&self) -> &TimeBudget {
        &self.0.budget
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

    /// Milliseconds spent waiting for the database, including connecting.
    #[must_use]
    pub fn database_milliseconds(&self) -> f64 {
        milliseconds(self.0.budget.spent())
    }

    /// The caller, once the token has been verified.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.0.subject.get().map(String::as_str)
    }

    pub(super) fn set_subject(&self, subject: &str) {
        self.0.subject.get_or_init(|| subject.to_owned());
    }
}

fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

impl<S: Sync> FromRequestParts<S> for Invocation {
    type Rejection = Infallible;

    /// The invocation that `serve` has attached. A request that came another way gets its own.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let attached = parts.extensions.get::<Self>().cloned();
        Ok(attached.unwrap_or_else(|| Self::begin(&Context::default(), false)))
    }
}
