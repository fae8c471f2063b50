//! A user at work, and what the service acknowledged to them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::sync::Barrier;
use tokio::time::sleep;
use uuid::Uuid;

use crate::harness::{Gateway, Reply, Request};

/// The gateway's own answer when an environment dies during a request.
const CRASHED: &str = r#"{"message":"Internal Server Error"}"#;

/// The pause between two requests of a user.
const PAUSE: Duration = Duration::from_millis(5);

/// One request, as its client sees it.
pub struct Seen {
    pub sent: Instant,
    pub took: Duration,
    pub status: u16,
}

/// A task that the service acknowledged, and the changes that it acknowledged.
pub struct Acknowledged {
    pub id: String,
    pub title: String,
    pub completed: bool,
    /// Whether it was deleted; unknown after a 503.
    pub deleted: Option<bool>,
}

/// A user who works until the test ends.
pub struct User<'a> {
    pub api: &'a Gateway,
    pub name: String,
    /// Whether environments are killed, so that the gateway answers by itself.
    pub may_crash: bool,
    pub seen: Vec<Seen>,
    pub acknowledged: Vec<Acknowledged>,
}

impl<'a> User<'a> {
    pub fn new(api: &'a Gateway, may_crash: bool) -> Self {
        Self {
            api,
            name: format!("user-{}", Uuid::new_v4().simple()),
            may_crash,
            seen: Vec::new(),
            acknowledged: Vec::new(),
        }
    }

    /// Creates tasks, reads and completes them, and deletes every third. The first comes before the
    /// fault, and the last after it.
    pub async fn work(mut self, ready: &Barrier, over: &AtomicBool) -> Self {
        self.live_through(0).await;
        ready.wait().await;
        for number in 1.. {
            let last = over.load(Ordering::Relaxed);
            self.live_through(number).await;
            if last {
                break;
            }
        }
        self
    }

    async fn live_through(&mut self, number: usize) {
        let title = format!("{} {number}", self.name);
        let title = title.as_str();
        let delete = number.is_multiple_of(3);
        let create = Request::create(&self.name).json(&json!({"title": title}));
        let create = create.header("idempotency-key", &title.replace(' ', "-"));
        let created = loop {
            let answer = self.send(create.clone(), 201).await;
            if answer.status == 201 {
                break answer;
            }
        };
        let id = created.json()["id"].as_str().unwrap().to_owned();
        let read = self.send(Request::get(&self.name, &id), 200).await;
        assert!(
            read.status != 200 || read.json()["title"] == title,
            "{read:?}"
        );
        let list = self
            .send(Request::list(&self.name).query("limit=3"), 200)
            .await;
        assert!(list.status != 200 || list.json()[0]["id"] == id, "{list:?}");
        let complete = Request::complete(&self.name, &id).json(&json!({"completed": true}));
        let completed = self.send(complete, 200).await.status == 200;
        let deleted = if delete {
            let answer = self.send(Request::delete(&self.name, &id), 204).await;
            (answer.status == 204).then_some(true)
        } else {
            Some(false)
        };
        self.acknowledged.push(Acknowledged {
            id,
            title: title.to_owned(),
            completed,
            deleted,
        });
    }

    /// Sends a request. Any reply but the expected one must be a 503 with the time to retry.
    async fn send(&mut self, request: Request, expected: u16) -> Reply {
        sleep(PAUSE).await;
        let sent = Instant::now();
        let answer = self.api.send(request).await;
        self.seen.push(Seen {
            sent,
            took: sent.elapsed(),
            status: answer.status,
        });
        let crashed = self.may_crash && answer.status == 500 && answer.body == CRASHED;
        if answer.status != expected && !crashed {
            assert_eq!(answer.problem(503)["type"], "/docs/problems#unavailable");
            assert!(
                answer
                    .header("retry-after")
                    .unwrap()
                    .parse::<u32>()
                    .unwrap()
                    > 0,
                "{answer:?}"
            );
        }
        answer
    }
}
