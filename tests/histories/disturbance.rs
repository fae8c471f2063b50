//! Faults that come and go.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::sleep;

use crate::faults::Deployment;
use fastrand::Rng;

const FUNCTIONS: [&str; 7] = [
    "batch-tasks",
    "create-task",
    "get-task",
    "list-tasks",
    "update-task",
    "complete-task",
    "delete-task",
];

/// Causes faults until `over`, and returns their number.
pub async fn disturb(deployment: &Deployment, mut random: Rng, over: &AtomicBool) -> usize {
    let mut faults = 0;
    while !over.load(Ordering::Relaxed) {
        sleep(milliseconds(&mut random, 50, 500)).await;
        faults += 1;
        let proxy = &deployment.proxy;
        match random.usize(..12) {
            0 | 1 => proxy.reset(),
            2..=4 => proxy.lose_next_answer(),
            5 => drop(deployment.terminate_sessions().await),
            6 => drop(deployment.kill_all(random.choice(FUNCTIONS).unwrap())),
            7 => {
                proxy.set_silent(true);
                sleep(milliseconds(&mut random, 50, 1500)).await;
                proxy.set_silent(false);
            }
            8 => {
                proxy.set_latency(milliseconds(&mut random, 5, 200));
                sleep(milliseconds(&mut random, 100, 1000)).await;
                proxy.set_latency(Duration::ZERO);
            }
            9 => {
                proxy.set_refusing(true);
                proxy.reset();
                sleep(milliseconds(&mut random, 50, 500)).await;
                proxy.set_refusing(false);
            }
            10 => match &deployment.bouncer {
                Some(bouncer) => bouncer.restart(milliseconds(&mut random, 0, 300)).await,
                None => deployment.cluster.restart().await.unwrap(),
            },
            _ => {
                deployment.cluster.kill().await;
                sleep(milliseconds(&mut random, 0, 300)).await;
                deployment.cluster.restart().await.unwrap();
            }
        }
    }
    faults
}

fn milliseconds(random: &mut Rng, from: u64, to: u64) -> Duration {
    Duration::from_millis(random.u64(from..to))
}
