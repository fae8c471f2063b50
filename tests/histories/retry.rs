//! Requests that are sent again until their outcome is known.

use std::cell::Cell;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::harness::{Gateway, Reply, Request};

/// Shorter than `Retry-After`: clients in a hurry are the harder case.
const PAUSE: Duration = Duration::from_millis(30);

/// No operation takes longer, however often it has to be sent again.
const PATIENCE: Duration = Duration::from_mins(1);

/// What an API answers, and how often nobody knows what it did.
pub struct Retries<'a> {
    api: &'a Gateway,
    /// Answers that were a 503, or the gateway's 500 for an environment that was killed.
    pub unsure: Cell<usize>,
}

impl<'a> Retries<'a> {
    pub fn new(api: &'a Gateway) -> Self {
        Self {
            api,
            unsure: Cell::new(0),
        }
    }

    /// The answer; none when it does not tell whether anything was done.
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

    /// The answer, and whether an attempt before it may have been the one that did it.
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
