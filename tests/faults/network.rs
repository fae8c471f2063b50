//! The network between functions and the database.

use std::time::Duration;

use tokio::time::sleep;

use super::{Deployment, Path, by_both_paths};

by_both_paths!(
    connections_that_are_reset_cost_no_more_than_a_503,
    a_short_silence_is_only_waited_for,
    a_long_silence_is_answered_503_after_five_seconds,
    latency_is_only_waited_for,
    a_thin_line_is_only_waited_for,
);

async fn connections_that_are_reset_cost_no_more_than_a_503(path: Path) {
    let deployment = Deployment::start(path).await;
    let outcome = deployment.trial("connections reset, 40 times", async {
        for _ in 0..40 {
            deployment.proxy.reset();
            sleep(Duration::from_millis(50)).await;
        }
    });
    outcome.await.recovers_with_the_next_request();
}

async fn a_short_silence_is_only_waited_for(path: Path) {
    let deployment = Deployment::start(path).await;
    let silence = Duration::from_secs(2);
    let outcome = deployment.trial("nothing arrives for 2 s", async {
        deployment.proxy.set_silent(true);
        sleep(silence).await;
        deployment.proxy.set_silent(false);
    });
    outcome
        .await
        .recovers_with_the_next_request()
        .was_only_slow(silence.saturating_sub(Duration::from_millis(200)));
}

async fn a_long_silence_is_answered_503_after_five_seconds(path: Path) {
    let deployment = Deployment::start(path).await;
    let outcome = deployment.trial("nothing arrives for 8 s", async {
        deployment.proxy.set_silent(true);
        sleep(Duration::from_secs(8)).await;
        deployment.proxy.set_silent(false);
    });
    let outcome = outcome.await.recovers_with_the_next_request().was_noticed();
    assert!(
        outcome.slowest < Duration::from_millis(6500),
        "{:?}",
        outcome.slowest
    );
}

async fn latency_is_only_waited_for(path: Path) {
    let deployment = Deployment::start(path).await;
    for milliseconds in [5, 50, 500] {
        let latency = Duration::from_millis(milliseconds);
        let fault = format!("latency of {milliseconds} ms");
        let outcome = deployment.trial(&fault, async {
            deployment.proxy.set_latency(latency);
            sleep(Duration::from_millis(2500)).await;
            deployment.proxy.set_latency(Duration::ZERO);
        });
        outcome
            .await
            .recovers_with_the_next_request()
            .was_only_slow(latency);
    }
}

async fn a_thin_line_is_only_waited_for(path: Path) {
    let deployment = Deployment::start(path).await;
    let outcome = deployment.trial("8 KB a second for each connection", async {
        deployment.proxy.set_bandwidth(Some(8 * 1024));
        sleep(Duration::from_secs(3)).await;
        deployment.proxy.set_bandwidth(None);
    });
    // A change sends about 2 KB of SQL.
    outcome
        .await
        .recovers_with_the_next_request()
        .was_only_slow(Duration::from_millis(200));
}
