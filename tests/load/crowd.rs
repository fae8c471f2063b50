//! Many users.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;
use tokio::time::sleep;

use crate::harness::{Gateway, Reply, Request};
use fastrand::Rng;

/// The pause after a refusal: the gateway sends no Retry-After.
const REFUSED_PAUSE: Duration = Duration::from_millis(500);

/// Users who send a request, think, and send another.
pub struct Crowd {
    pub users: usize,
    /// The average time to think.
    pub think: Duration,
    pub time: Duration,
}

/// The replies to their requests.
pub struct Served {
    /// The times of the served requests, in ascending order.
    pub took: Vec<Duration>,
    /// The number of requests that the gateway or a function refused.
    pub refused: usize,
    pub time: Duration,
}

impl Crowd {
    pub async fn work(&self, api: &Gateway) -> Served {
        let begin = Instant::now();
        let users = (0..self.users).map(|number| self.user(api, number));
        let (mut took, mut refused) = (Vec::new(), 0);
        for (served, others) in join_all(users).await {
            took.extend(served);
            refused += others;
        }
        took.sort();
        Served {
            took,
            refused,
            time: begin.elapsed(),
        }
    }

    /// The time in which the users arrive.
    fn arrival(&self) -> Duration {
        2 * self.think
    }

    async fn user(&self, api: &Gateway, number: usize) -> (Vec<Duration>, usize) {
        let (user_id, mut random) = (format!("user-{number}"), Rng::with_seed(number as u64));
        let (mut took, mut refused, mut task) = (Vec::new(), 0, None);
        let begin = Instant::now();
        // They arrive at a growing rate, so that environments start while there are few requests. A
        // crowd that arrives at once meets the concurrency limit before enough environments have
        // started.
        sleep(self.arrival().mul_f64(random.f64().sqrt())).await;
        while begin.elapsed() < self.time {
            let request = choose(&mut random, &user_id, task.as_deref());
            let is_create = request.operation == "create-task";
            let sent = Instant::now();
            let answer = api.send(request).await;
            if answer.status < 300 {
                took.push(sent.elapsed());
                if is_create {
                    task = Some(answer.json()["id"].as_str().unwrap().to_owned());
                }
            } else {
                assert_refused(&answer);
                refused += 1;
                sleep(REFUSED_PAUSE).await;
            }
            sleep(self.think.mul_f64(0.5 + random.f64())).await;
        }
        (took, refused)
    }
}

/// Mostly reads.
fn choose(random: &mut Rng, user_id: &str, task: Option<&str>) -> Request {
    let Some(task) = task else {
        return Request::create(user_id).json(&json!({"title": "the first"}));
    };
    match random.usize(..10) {
        0..=3 => Request::list(user_id).query("limit=20"),
        4 | 5 => Request::get(user_id, task),
        6 | 7 => Request::create(user_id).json(&json!({"title": "another", "tags": ["load"]})),
        8 => Request::complete(user_id, task),
        _ => Request::patch(user_id, task).json(&json!({"priority": "high"})),
    }
}

/// Checks that the gateway refused the request, or a function with a Retry-After.
fn assert_refused(answer: &Reply) {
    assert_eq!(answer.status, 503, "{answer:?}");
    let by_gateway = answer.body == r#"{"message":"Service Unavailable"}"#;
    assert!(
        by_gateway || answer.header("retry-after").is_some(),
        "{answer:?}"
    );
}

impl Served {
    /// Prints the row of the table.
    pub fn print(&self, what: &str) {
        let milliseconds = |percent| percentile(&self.took, percent).as_millis();
        let (served, refused) = (self.took.len(), self.refused);
        let (p50, p95, p99) = (milliseconds(50), milliseconds(95), milliseconds(99));
        let (max, rate) = (
            milliseconds(100),
            served as u128 * 1000 / self.time.as_millis(),
        );
        println!(
            "| load: {what} | {served} | {refused} | {rate} | {p50} | {p95} | {p99} | {max} |"
        );
    }
}

/// The percentile of sorted times.
pub fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
}
