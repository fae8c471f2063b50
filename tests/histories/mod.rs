//! A checker of histories: clients work as frontends do, with retries, while faults come and go. Each client is the only
//! writer of its user's tasks, so that it knows exactly what it must read; other users count with two devices, or
//! toggle without a condition. A table that a trigger fills tells what was really done, and how often.

mod audit;
mod client;
mod counter;
mod disturbance;
mod retry;

use std::env;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use fastrand::Rng;
use futures_util::future::join_all;
use futures_util::join;

use crate::faults::{Deployment, Path};
use crate::harness::have;
use audit::{Audit, Violations};
use client::Client;
use counter::{Counter, Switch};
use disturbance::disturb;

/// How much is done.
struct Extent {
    users: usize,
    operations_each: usize,
}

#[tokio::test]
async fn what_clients_were_told_is_what_happened_while_faults_came_and_went() {
    check(
        Path::Direct,
        Extent {
            users: 4,
            operations_each: 300,
        },
    )
    .await;
}

#[tokio::test]
#[ignore = "takes minutes: `bash tests/reliability.sh`"]
async fn what_clients_were_told_is_what_happened_in_a_long_history() {
    check(
        Path::Direct,
        Extent {
            users: 8,
            operations_each: 2500,
        },
    )
    .await;
    if have(&["pgbouncer"]) {
        check(
            Path::Pooled,
            Extent {
                users: 8,
                operations_each: 2500,
            },
        )
        .await;
    }
}

/// `HISTORY_SEED` repeats a history, as far as the machine's timing lets it.
fn seed() -> u64 {
    let given = env::var("HISTORY_SEED")
        .ok()
        .map(|seed| seed.parse().unwrap());
    given.unwrap_or_else(|| fastrand::u64(..))
}

async fn check(path: Path, extent: Extent) {
    let seed = seed();
    println!("HISTORY_SEED={seed}");
    let mut random = Rng::with_seed(seed);
    let deployment = Deployment::start_durable(path).await;
    Audit::begin(&deployment).await;
    let api = &deployment.api;
    let (mut clients, mut counters, mut switches) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..extent.users {
        let counter = Counter::create(api, number).await;
        clients.push(Client::new(api, number, &counter.id, random.fork()));
        counters.push(counter);
        switches.push(Switch::create(api, number).await);
    }

    let over = AtomicBool::new(false);
    let started = Instant::now();
    let (each, fewer) = (extent.operations_each, extent.operations_each / 8);
    let work = async {
        let devices = [0, 1]
            .into_iter()
            .flat_map(|device| counters.iter().map(move |one| one.count(device, fewer)));
        join!(
            join_all(clients.iter_mut().map(|client| client.work(each))),
            join_all(devices),
            join_all(switches.iter_mut().map(|switch| switch.toggle(fewer))),
        );
        over.store(true, Ordering::Relaxed);
    };
    let ((), faults) = join!(work, disturb(&deployment, random.fork(), &over));
    let took = started.elapsed().as_secs();

    let audit = Audit::read(&deployment).await;
    let mut found = Violations::default();
    for client in &clients {
        client.reads_all().await;
        audit.check_client(client, &mut found);
    }
    for counter in &counters {
        audit.check_counter(counter, &mut found);
    }
    for switch in &switches {
        audit.check_switch(switch, &mut found);
    }
    let unsure: usize = clients
        .iter()
        .map(|client| client.retries.unsure.get())
        .sum();
    let requests = api.request_lines().len();
    let (lost, repeated) = (found.lost.len(), found.repeated.len());
    println!(
        "| history of {took} s with {faults} faults | {path:?} | unsure answers to clients: {unsure} | - | - | \
         {requests} | {lost} | {repeated} |"
    );
    assert!(
        faults > 3 && unsure > 0,
        "{faults} faults, {unsure} unsure answers show nothing"
    );
    assert!(lost + repeated == 0, "HISTORY_SEED={seed}: {found:#?}");
}
