//! Histories: writers of one user do everything at random, and a reader keeps a copy. At every
//! pause, the copy equals the table.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use fastrand::Rng;
use futures_util::future::{join, join_all};
use serde_json::{Value, json};
use uuid::Uuid;

use super::replica::{Replica, by_id};
use crate::harness::{Handlers, Request};

/// How many writers there are.
const WRITERS: u64 = 4;

/// How many times they pause.
const PAUSES: usize = 5;

/// How long they write until the next pause.
const TIME: Duration = Duration::from_millis(1500);

#[tokio::test]
async fn at_every_pause_the_copy_of_a_reader_is_what_the_server_has() {
    let api = Handlers::start_with(&[("AWS_LAMBDA_MAX_CONCURRENCY", "6")]).await;
    let mut replica = Replica::default();
    let mut changes = 0;
    for pause in 0..PAUSES {
        let writing = AtomicBool::new(true);
        let write = async {
            let end = Instant::now() + TIME;
            let writers = (0..WRITERS).map(|number| {
                let random = Rng::with_seed(pause as u64 * WRITERS + number);
                write_until(&api, end, random)
            });
            let written: usize = join_all(writers).await.iter().sum();
            writing.store(false, Ordering::Relaxed);
            written
        };
        let read = async {
            while writing.load(Ordering::Relaxed) {
                replica.read_page(&api, 3).await;
            }
            while replica.read_page(&api, 3).await {}
        };
        let (written, ()) = join(write, read).await;
        changes += written;
        let listed = api.send(Request::list("ann")).await.expect(200);
        assert_eq!(replica.tasks(), by_id(&listed), "pause {pause}");
    }
    assert!(changes > 100, "only {changes} changes");
}

/// Writes at random. Returns how many requests changed something.
async fn write_until(api: &Handlers, end: Instant, mut random: Rng) -> usize {
    let mut changed = 0;
    while Instant::now() < end {
        let answer = api.send(choose(&mut random)).await;
        // Conflicts are part of it; nobody waits in vain.
        assert!(
            [200, 201, 204, 404, 409, 412].contains(&answer.status),
            "{answer:?}"
        );
        changed += usize::from(answer.status < 300);
    }
    changed
}

/// One of a few ids, so that writers meet.
fn some_id(random: &mut Rng) -> String {
    Uuid::from_u128(0x4000_8000_0000_0000_0000 + random.u128(1..12)).to_string()
}

fn choose(random: &mut Rng) -> Request {
    let id = some_id(random);
    let title = json!({"title": random.u32(..).to_string()});
    match random.u8(..40) {
        0..10 => Request::put("ann", &id)
            .json(&title)
            .header("if-none-match", "*"),
        10..18 => Request::put("ann", &id).json(&title),
        18..22 => Request::complete("ann", &id),
        22..28 => Request::delete("ann", &id),
        28..31 => Request::restore("ann", &id),
        31 => Request::delete("ann", &id).query("permanent=true"),
        32 => Request::discard("ann", &id),
        33..39 => {
            let operations: Value = (0..5).map(|_| operation(random)).collect();
            Request::batch("ann", random.bool(), &operations)
        }
        _ => Request::erase("ann"),
    }
}

fn operation(random: &mut Rng) -> Value {
    let id = some_id(random);
    match random.u8(..4) {
        0 => json!({"operation": "create", "id": id, "task": {"title": "created"}}),
        1 => {
            json!({"operation": "update", "id": id, "task": {"title": random.u32(..).to_string()}})
        }
        2 => json!({"operation": "complete", "id": id}),
        _ => json!({"operation": "delete", "id": id}),
    }
}
