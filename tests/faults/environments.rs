//! Execution environments that are frozen, killed, or short of time.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::{Deployment, Path, Sizes, by_both_paths};
use crate::harness::Request;

/// Longer than an idle connection is trusted (`TRUSTED_IDLE`). Any longer freeze behaves the same,
/// because the time is only compared with that limit.
const FREEZE: Duration = Duration::from_secs(31);

const FUNCTIONS: [&str; 5] = [
    "create-task",
    "get-task",
    "list-tasks",
    "complete-task",
    "delete-task",
];

by_both_paths!(
    an_environment_that_is_killed_in_mid_request_costs_that_request_alone,
    a_deadline_that_is_nearly_over_is_answered_by_the_function,
    connections_that_were_forgotten_during_a_long_freeze_cost_no_request,
);

async fn an_environment_that_is_killed_in_mid_request_costs_that_request_alone(path: Path) {
    let deployment = Deployment::start(path).await;
    let outcome =
        deployment.trial_of_crashes("environment killed (SIGKILL) in mid-request", async {
            let lock = deployment.superuser().await;
            lock.batch_execute("begin; lock table tasks in exclusive mode")
                .await
                .unwrap();
            sleep(Duration::from_secs(1)).await;
            for function in FUNCTIONS {
                assert!(deployment.kill_all(function) > 0, "{function}");
            }
            sleep(Duration::from_millis(500)).await;
            lock.batch_execute("commit").await.unwrap();
        });
    outcome.await.was_noticed().recovers_with_the_next_request();
}

async fn a_deadline_that_is_nearly_over_is_answered_by_the_function(path: Path) {
    let sizes = Sizes {
        timeout: Some(Duration::from_secs(2)),
        ..Sizes::default()
    };
    let deployment = Deployment::start_sized(path, sizes).await;
    // After the deadline, the gateway would answer 500.
    let outcome = deployment.trial("functions have 2 s, nothing arrives for 4 s", async {
        deployment.proxy.set_silent(true);
        sleep(Duration::from_secs(4)).await;
        deployment.proxy.set_silent(false);
    });
    outcome.await.was_noticed().recovers_with_the_next_request();
}

async fn connections_that_were_forgotten_during_a_long_freeze_cost_no_request(path: Path) {
    let deployment = Deployment::start(path).await;
    let id = deployment.api.create("ann", "t").await;
    // The service never repeats a toggle, so that a lost connection would show.
    let requests = [
        Request::create("ann").json(&serde_json::json!({"title": "another"})),
        Request::get("ann", &id),
        Request::list("ann"),
        Request::complete("ann", &id),
    ];
    for request in &requests {
        assert!(deployment.api.send(request.clone()).await.status < 300);
    }

    deployment.proxy.forget();
    sleep(FREEZE).await;

    let mut slowest = Duration::ZERO;
    for request in &requests {
        let sent = Instant::now();
        let answer = deployment.api.send(request.clone()).await;
        assert!(answer.status < 300, "{answer:?}");
        slowest = slowest.max(sent.elapsed());
    }
    // Both tasks were created once, and the task that was toggled twice is as before.
    let stored = "select count(*), count(*) filter (where completed) from tasks";
    let stored = deployment
        .superuser()
        .await
        .query_one(stored, &[])
        .await
        .unwrap();
    assert_eq!((stored.get::<_, i64>(0), stored.get::<_, i64>(1)), (3, 0));
    // Checking the connection takes a second, so that a shorter time means that it was not checked.
    assert!((1000..2500).contains(&slowest.as_millis()), "{slowest:?}");
    let (slowest, count) = (slowest.as_millis(), 2 * requests.len());
    println!(
        "| frozen for 31 s, connections forgotten meanwhile | {path:?} | 2xx: {count} | {slowest} | {slowest} | {count} | 0 | 0 |"
    );
}
