//! What one hostile user costs the others: at their quota, they keep 200 requests of the most
//! expensive kinds running, behind a PgBouncer with 10 connections to PostgreSQL.
//!
//! The requests of all users run in this process, with as many connections to PgBouncer as that
//! many environments would have. What PostgreSQL returns to the hostile user is not made into JSON:
//! on Lambda, their environments do that on cores of their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use futures_util::future::{join, join_all};
use serde_json::json;

use super::attacks::{ATTACKS, Attack};
use super::crowd::percentile;
use crate::harness::{Handlers, PgBouncer, Request, TestDatabase, have};

/// PgBouncer's connections to PostgreSQL.
const SERVER_CONNECTIONS: usize = 10;

/// The requests that the hostile user keeps running.
const REQUESTS: usize = 200;

/// How long the others are measured, without and with the hostile user.
const TIME: Duration = Duration::from_secs(10);

/// The pause between two requests of one of the others.
const PAUSE: Duration = Duration::from_millis(5);

/// How many times as long as undisturbed the others' median request may take. The slowest hundredth
/// depend on what else the machine does; the table shows them.
const MOST: u32 = 3;

/// A user at their quota: 10,000 tasks with 4 MiB of text, which does not compress well.
const FILL: &str = "
insert into tasks (id, user_id, title, description, tags)
select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'mallory', 'Task ' || n,
       (select string_agg(md5((n * 100 + m)::text), ' ') from generate_series(1, 12) m),
       array['a' || n % 100, 'b' || n % 10]
from generate_series(1, 10000) n";

#[tokio::test]
#[ignore = "takes all cores for minutes: `bash tests/reliability.sh neighbours`"]
async fn a_hostile_user_costs_the_others_little() {
    if !have(&["pgbouncer"]) {
        return;
    }
    let database = TestDatabase::create().await;
    let client = database.superuser().await;
    client.batch_execute(FILL).await.unwrap();
    client.batch_execute("vacuum analyze").await.unwrap();
    let pgbouncer = PgBouncer::start(&database.url(), SERVER_CONNECTIONS).await;
    let port = |port| format!(":{port}/");
    let url = database
        .url()
        .replace(&port(database.port()), &port(pgbouncer.port()));
    let others = Handlers::on_with(&url, &[("AWS_LAMBDA_MAX_CONCURRENCY", "2")]);
    let tasks = [
        others.create("ann", "t").await,
        others.create("bob", "t").await,
    ];

    let mut all_bearable = true;
    for attack in ATTACKS {
        let alone = alone(&url, attack).await.as_millis();
        let undisturbed = work(&others, &tasks).await;
        let mallory = Mallory::start(url.clone(), attack);
        let disturbed = work(&others, &tasks).await;
        let answers = mallory.stop();
        let name = format!("{} ({alone} ms each, alone)", attack.name);
        print(&name, &undisturbed, &disturbed, answers);
        let [before, after] = [&undisturbed, &disturbed].map(|took| percentile(took, 50));
        all_bearable &= answers[0] > 0 && after < MOST * before;
    }
    let started = Instant::now();
    let erase = Request::erase("mallory");
    Handlers::on(&url).send(erase).await.expect(204);
    let took = started.elapsed().as_millis();
    println!("| neighbours: erasing 10,000 tasks ({took} ms, alone) | | | | | | | 1 | 0 |");
    assert!(all_bearable, "the others waited too long: see the table");
}

/// The time of one request of the hostile user, who is alone.
async fn alone(url: &str, attack: Attack) -> Duration {
    let api = Handlers::on(url);
    let started = Instant::now();
    assert_eq!(attack.run(&api).await, 204);
    started.elapsed()
}

/// The times of the requests of two users, who send one after the other, in ascending order.
async fn work(api: &Handlers, tasks: &[String; 2]) -> Vec<Duration> {
    let end = Instant::now() + TIME;
    let user = async |user_id: &str, id: &str| {
        let mut took = Vec::new();
        while Instant::now() < end {
            for request in [
                Request::list(user_id).query("limit=50"),
                Request::get(user_id, id),
                Request::complete(user_id, id),
                Request::get(user_id, id),
                Request::patch(user_id, id).json(&json!({"priority": "high"})),
            ] {
                let sent = Instant::now();
                api.send(request).await.expect(200);
                took.push(sent.elapsed());
                tokio::time::sleep(PAUSE).await;
            }
        }
        took
    };
    let (mut took, others) = join(user("ann", &tasks[0]), user("bob", &tasks[1])).await;
    took.extend(others);
    took.sort();
    took
}

fn print(attack: &str, undisturbed: &[Duration], disturbed: &[Duration], mallory: [usize; 2]) {
    let milliseconds = |took, percent| percentile(took, percent).as_secs_f64() * 1000.0;
    let columns = [50, 99].map(|percent| {
        let (before, after) = (
            milliseconds(undisturbed, percent),
            milliseconds(disturbed, percent),
        );
        format!("{before:.1} | {after:.1} | {:.2}", after / before)
    });
    let ([p50, p99], [served, refused]) = (columns, mallory);
    println!("| neighbours: {attack} | {p50} | {p99} | {served} | {refused} |");
}

/// The hostile user, in a thread of their own.
struct Mallory {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<[usize; 2]>,
}

impl Mallory {
    fn start(url: String, attack: Attack) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = runtime.enable_all().build().unwrap();
            runtime.block_on(flood(&url, attack, &stopped))
        });
        Self { stop, thread }
    }

    /// The number of requests that were served, and of those that were refused.
    fn stop(self) -> [usize; 2] {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

async fn flood(url: &str, attack: Attack, stop: &AtomicBool) -> [usize; 2] {
    let concurrency = REQUESTS.to_string();
    let api = Handlers::on_with(url, &[("AWS_LAMBDA_MAX_CONCURRENCY", &concurrency)]);
    let requests = (0..REQUESTS).map(|_| async {
        let mut answered = [0; 2];
        while !stop.load(Ordering::Relaxed) {
            match attack.run(&api).await {
                204 => answered[0] += 1,
                429 | 503 => answered[1] += 1,
                other => panic!("{other}"),
            }
        }
        answered
    });
    let answered = join_all(requests).await;
    [0, 1].map(|index| answered.iter().map(|answered| answered[index]).sum())
}
