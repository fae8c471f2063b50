//! PostgreSQL and PgBouncer stop, refuse connections, or are replaced.

use std::time::Duration;

use tokio::time::sleep;

use super::{Deployment, Path, by_both_paths};
use crate::harness::have;

/// After a failed login, PgBouncer retries the server after a second (`server_login_retry`).
const POOLER_RETRY: Duration = Duration::from_secs(2);

by_both_paths!(
    a_restart_of_postgresql_costs_no_more_than_503s,
    a_crash_of_postgresql_loses_nothing_that_was_acknowledged,
    sessions_that_an_administrator_ends_cost_no_more_than_a_503,
    too_many_connections_are_answered_503,
    a_suspended_database_that_refuses_for_three_seconds_is_answered_503,
    a_suspended_database_that_wakes_in_three_seconds_is_waited_for,
    a_read_only_server_is_left_for_the_primary,
);

async fn a_restart_of_postgresql_costs_no_more_than_503s(path: Path) {
    let deployment = Deployment::start(path).await;
    let outcome = deployment.trial("PostgreSQL restarted, 3 times", async {
        for _ in 0..3 {
            deployment.cluster.restart().await.unwrap();
            sleep(Duration::from_millis(500)).await;
        }
    });
    recovers(outcome.await, path);
}

async fn a_crash_of_postgresql_loses_nothing_that_was_acknowledged(path: Path) {
    let deployment = Deployment::start_durable(path).await;
    let outcome = deployment.trial("PostgreSQL killed, 3 times", async {
        for _ in 0..3 {
            deployment.cluster.kill().await;
            sleep(Duration::from_millis(100)).await;
            deployment.cluster.restart().await.unwrap();
            sleep(Duration::from_millis(500)).await;
        }
    });
    recovers(outcome.await, path);
}

async fn sessions_that_an_administrator_ends_cost_no_more_than_a_503(path: Path) {
    let deployment = Deployment::start(path).await;
    let outcome = deployment.trial("`pg_terminate_backend` (57P01), 30 times", async {
        let mut ended = 0;
        for _ in 0..30 {
            ended += deployment.terminate_sessions().await;
            sleep(Duration::from_millis(50)).await;
        }
        assert!(ended > 30, "{ended} sessions");
    });
    outcome.await.recovers_with_the_next_request();
}

async fn too_many_connections_are_answered_503(path: Path) {
    let deployment = Deployment::start(path).await;
    let outcome = deployment.trial("too many connections (53300)", async {
        deployment
            .execute("alter database todo connection limit 0")
            .await;
        deployment.terminate_sessions().await;
        sleep(Duration::from_secs(2)).await;
        deployment
            .execute("alter database todo connection limit -1")
            .await;
    });
    recovers(outcome.await, path);
}

async fn a_suspended_database_that_refuses_for_three_seconds_is_answered_503(path: Path) {
    let deployment = Deployment::start(path).await;
    let outcome = deployment.trial("suspended: refuses for 3 s", async {
        deployment.proxy.set_refusing(true);
        deployment.proxy.reset();
        sleep(Duration::from_secs(3)).await;
        deployment.proxy.set_refusing(false);
    });
    outcome.await.was_noticed().recovers_with_the_next_request();
}

/// Neon behaves like this: its proxy accepts connections, and is silent until the compute runs.
async fn a_suspended_database_that_wakes_in_three_seconds_is_waited_for(path: Path) {
    let deployment = Deployment::start(path).await;
    let wake = Duration::from_secs(3);
    let outcome = deployment.trial("suspended: answers after 3 s", async {
        deployment.proxy.set_silent(true);
        deployment.proxy.reset();
        sleep(wake).await;
        deployment.proxy.set_silent(false);
    });
    let outcome = outcome.await.recovers_with_the_next_request();
    assert!(
        outcome.slowest > wake.saturating_sub(Duration::from_millis(200)),
        "{:?}",
        outcome.slowest
    );
    // At most the change that each user had sent when the connections ended.
    assert!(outcome.refused <= 3, "{} were refused", outcome.refused);
}

/// The sessions on the former primary stay read-only.
async fn a_read_only_server_is_left_for_the_primary(path: Path) {
    let deployment = Deployment::start(path).await;
    let outcome = deployment.trial("failover: read-only for 2 s (25006)", async {
        let set =
            "begin read write; alter database todo set default_transaction_read_only = on; commit";
        deployment.execute(set).await;
        deployment.terminate_sessions().await;
        sleep(Duration::from_secs(2)).await;
        let reset =
            "begin read write; alter database todo reset default_transaction_read_only; commit";
        deployment.execute(reset).await;
        if path == Path::Pooled {
            // PgBouncer keeps its sessions until their server ends them.
            deployment.terminate_sessions().await;
        }
    });
    outcome.await.was_noticed().recovers_with_the_next_request();
}

#[tokio::test]
async fn a_restart_of_pgbouncer_costs_no_more_than_503s() {
    if !have(&["pgbouncer"]) {
        return;
    }
    let deployment = Deployment::start(Path::Pooled).await;
    let outcome = deployment.trial("PgBouncer killed, 3 times", async {
        for _ in 0..3 {
            deployment
                .bouncer
                .as_ref()
                .unwrap()
                .restart(Duration::from_millis(300))
                .await;
            sleep(Duration::from_millis(300)).await;
        }
    });
    outcome.await.was_noticed().recovers_with_the_next_request();
}

/// The next request succeeds; through PgBouncer, only once PgBouncer has retried. Until then, it
/// keeps clients waiting.
#[track_caller]
fn recovers(outcome: super::trial::TrialReport, path: Path) {
    match path {
        Path::Direct => drop(outcome.was_noticed().recovers_with_the_next_request()),
        Path::Pooled => assert!(outcome.recovered < POOLER_RETRY, "{:?}", outcome.recovered),
    }
}
