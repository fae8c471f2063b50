//! Requests that are repeated until their result is known.

use std::cell::Cell;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::harness::{Gateway, Reply, Request};

/// Shorter than `Retry-After`: impatient clients are the harder case.
const PAUSE: Duration = Duration::from_millis(30);

/// The longest time for an operation, repetitions included.
const PATIENCE: Duration = Duration::from_mins(1);

/// Sends requests, and counts the replies that leave the result unknown.
pub struct Retries<'a> {
    api: &'a Gateway,
    /// Replies with 503, or with the gateway's 500 for a killed environment.
    pub unsure: Cell<usize>,
}

impl<'a> Retries<'a> {
    pub fn new(api: &'a Gateway) -> Self {
        Self {
            api,
            unsure: Cell::new(0),
        }
    }

    /// The reply; none if it leaves the result unknown.
    pub async fn once(&self, request: Request) -> Option<Reply> {
        let answer = self.api.send(request).await;
        let killed =
            answer.status == 500 && answer.body == r#"{"message":"Internal Server Error"}"#;
        if !killed && answer.status < 500 {
            return Some(answer);
        }
        if !killed {
            assert!(answer.header("retry-after").is_some(), "{answer:?}");
            answer.problem(503);
        }
        self.unsure.set(self.unsure.get() + 1);
        sleep(PAUSE).await;
        None
    }

    /// The reply, and whether an earlier attempt may have had the effect.
    pub async fn until_known(&self, request: Request) -> (Reply, bool) {
        let started = Instant::now();
        let mut again = false;
        loop {
            if let Some(answer) = self.once(request.clone()).await {
                return (answer, again);
            }
            again = true;
            assert!(
                started.elapsed() < PATIENCE,
                "no answer to {} {}",
                request.method,
                request.path()
            );
        }
    }
}
