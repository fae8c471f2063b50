//! A checker of histories: clients work as frontends do, with retries, while faults come and go. Each client is the only
//! writer of its user's tasks, so that it knows exactly what it must read; a second device of each user counts with
//! it. A table that a trigger fills tells what was really done, and how often.

mod audit;
mod client;
mod counter;
mod disturbance;
mod random;
mod retry;

use std::env;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use futures_util::future::{join, join_all};

use crate::faults::{Deployment, Path};
use crate::harness::have;
use audit::Audit;
use client::Client;
use counter::Counter;
use disturbance::disturb;
use random::Random;

/// How much is done.
struct Extent {
    users: usize,
    operations_each: usize,
}

#[tokio::test]
async fn what_clients_were_told_is_what_happened_while_faults_came_and_went() {
    check(Path::Direct, Extent { users: 4, operations_each: 120 }).await;
}

#[tokio::test]
#[ignore = "takes minutes: `bash tests/reliability.sh`"]
async fn what_clients_were_told_is_what_happened_in_a_long_history() {
    check(Path::Direct, Extent { users: 8, operations_each: 2500 }).await;
    if have(&["pgbouncer"]) {
        check(Path::Pooled, Extent { users: 8, operations_each: 2500 }).await;
    }
}

/// `HISTORY_SEED` repeats a history, as far as the machine's timing lets it.
fn seed() -> u64 {
    let given = env::var("HISTORY_SEED").ok().map(|seed| seed.parse().unwrap());
    given.unwrap_or_else(|| u64::from_le_bytes(uuid::Uuid::new_v4().as_bytes()[..8].try_into().unwrap()))
}

async fn check(path: Path, extent: Extent) {
    let seed = seed();
    println!("HISTORY_SEED={seed}");
    let mut random = Random(seed);
    let deployment = Deployment::start_durable(path).await;
    let audit = Audit::begin(&deployment).await;
    let api = &deployment.api;
    let mut clients: Vec<_> =
        (0..extent.users).map(|number| Client::new(api, number, random.fork())).collect();
    let mut counters = Vec::new();
    for number in 0..extent.users {
        counters.push(Counter::create(api, number).await);
    }

    let over = AtomicBool::new(false);
    let started = Instant::now();
    let work = async {
        let clients = join_all(clients.iter_mut().map(|client| client.work(extent.operations_each)));
        let devices = (0..2).flat_map(|device| counters.iter().map(move |counter| (device, counter)));
        let devices = join_all(devices.map(|(device, counter)| counter.count(device, extent.operations_each / 10)));
        let (_, counts) = join(clients, devices).await;
        over.store(true, Ordering::Relaxed);
        counts
    };
    let (counts, faults) = join(work, disturb(&deployment, random.fork(), &over)).await;

    for client in &mut clients {
        client.reads_all().await;
    }
    let violations = audit.violations(&clients, &counters, &counts).await;
    let requests: usize = api.request_lines().len();
    let operations: usize = clients.iter().map(|client| client.operations).sum();
    let unsure: usize = clients.iter().map(|client| client.retries.unsure.get()).sum();
    println!(
        "| history: {operations} operations, {faults} faults | {path:?} | {unsure} answers lost or 503 | - | - | \
         {requests} | {} | {} |",
        violations.lost.len(),
        violations.repeated.len()
    );
    println!("{} operations in {:?}", operations, started.elapsed());
    assert!(faults > 3 && unsure > 0, "{faults} faults, {unsure} unsure answers: nothing was shown");
    assert_eq!((violations.lost, violations.repeated), (Vec::new(), Vec::new()), "HISTORY_SEED={seed}");
}
