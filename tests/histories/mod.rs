//! A checker of histories: clients work as frontends do, with retries, while faults come and go.
//! Each client is the only writer of its user's tasks, so that it knows exactly what it must read.
//! Other users count with two devices, or toggle without a condition. A trigger records what was
//! really done, and how often.

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
use crate::harness::{Gateway, have};
use audit::{Audit, Violations};
use client::Client;
use counter::{Counter, Switch};
use disturbance::disturb;

/// The length of a history.
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

/// `HISTORY_SEED` repeats a history, as far as timing allows.
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
    let (mut clients, counters, mut switches) = users(api, extent.users, &mut random).await;
    let (over, started) = (AtomicBool::new(false), Instant::now());
    let (each, fewer) = (extent.operations_each, extent.operations_each / 8);
    let work = async {
        let devices = [0, 1].into_iter();
        let counts =
            devices.flat_map(|device| counters.iter().map(move |one| one.count(device, fewer)));
        join!(
            join_all(clients.iter_mut().map(|client| client.work(each))),
            join_all(counts),
            join_all(switches.iter_mut().map(|switch| switch.toggle(fewer))),
        );
        over.store(true, Ordering::Relaxed);
    };
    let ((), faults) = join!(work, disturb(&deployment, random.fork(), &over));
    let took = started.elapsed().as_secs();

    let found = violations(&deployment, &clients, &counters, &switches).await;
    let unsure: usize = clients
        .iter()
        .map(|client| client.retries.unsure.get())
        .sum();
    let requests = api.request_lines().len();
    report(path, (took, faults, unsure, requests), &found);
    assert!(
        faults > 3 && unsure > 0,
        "{faults} faults, {unsure} unsure answers show nothing"
    );
    assert!(found.is_empty(), "HISTORY_SEED={seed}: {found:#?}");
}

async fn violations(
    deployment: &Deployment,
    clients: &[Client<'_>],
    counters: &[Counter<'_>],
    switches: &[Switch<'_>],
) -> Violations {
    let audit = Audit::read(deployment).await;
    let mut found = Violations::default();
    for client in clients {
        client.reads_all().await;
        audit.check_client(client, &mut found);
    }
    for counter in counters {
        audit.check_counter(counter, &mut found);
    }
    for switch in switches {
        audit.check_switch(switch, &mut found);
    }
    found
}

/// Prints the row of the table.
fn report(
    path: Path,
    (took, faults, unsure, requests): (u64, usize, usize, usize),
    found: &Violations,
) {
    let (lost, repeated) = (found.lost.len(), found.repeated.len());
    println!(
        "| history of {took} s with {faults} faults | {path:?} | unsure answers to clients: \
         {unsure} | - | - | {requests} | {lost} | {repeated} |"
    );
}

async fn users<'a>(
    api: &'a Gateway,
    count: usize,
    random: &mut Rng,
) -> (Vec<Client<'a>>, Vec<Counter<'a>>, Vec<Switch<'a>>) {
    let (mut clients, mut counters, mut switches) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..count {
        let counter = Counter::create(api, number).await;
        clients.push(Client::new(api, number, &counter.id, random.fork()));
        counters.push(counter);
        switches.push(Switch::create(api, number).await);
    }
    (clients, counters, switches)
}
