//! Many users at once, through the emulated gateway and PgBouncer. All of it shares one machine, so
//! that times are upper bounds. What counts is that no request fails.

mod attacks;
mod costs;
mod crowd;
mod neighbours;

use std::time::{Duration, Instant};

use futures_util::future::{join, join_all};

use crate::faults::{Deployment, Path, Sizes};
use crate::harness::{Request, have};
use crowd::{Crowd, percentile};

/// PgBouncer's connections to PostgreSQL.
const POOL_SIZE: usize = 100;

fn sizes(max_environments: usize) -> Sizes {
    Sizes {
        pool_size: POOL_SIZE,
        max_environments: Some(max_environments),
        ..Sizes::default()
    }
}

#[tokio::test]
async fn no_request_of_a_hundred_users_fails() {
    serve_all(&Crowd {
        users: 100,
        think: Duration::from_secs(2),
        time: Duration::from_secs(6),
    })
    .await;
}

#[tokio::test]
#[ignore = "takes minutes: `bash tests/reliability.sh`"]
async fn no_request_of_a_thousand_users_fails() {
    serve_all(&Crowd {
        users: 1000,
        think: Duration::from_secs(10),
        time: Duration::from_mins(1),
    })
    .await;
}

async fn serve_all(crowd: &Crowd) {
    if !have(&["pgbouncer"]) {
        return;
    }
    let deployment = Deployment::start_sized(Path::Pooled, sizes(POOL_SIZE)).await;
    let served = crowd.work(&deployment.api).await;
    served.print(&format!(
        "{} users, a request each {} s",
        crowd.users,
        crowd.think.as_secs()
    ));
    assert_eq!(served.refused, 0, "failed or were refused");
    assert!(
        served.took.len() > crowd.users,
        "{} requests",
        served.took.len()
    );
}

#[tokio::test]
async fn beyond_the_concurrency_limit_requests_are_refused_at_once_and_the_others_served() {
    if !have(&["pgbouncer"]) {
        return;
    }
    let deployment = Deployment::start_sized(Path::Pooled, sizes(4)).await;
    let crowd = Crowd {
        users: 80,
        think: Duration::ZERO,
        time: Duration::from_secs(5),
    };
    let served = crowd.work(&deployment.api).await;
    served.print("80 users without a pause, 4 environments for each function");
    assert!(served.refused > 0, "the limit was not met");
    assert!(
        served.took.len() > 100,
        "collapsed: only {} were served",
        served.took.len()
    );
    // There is no queue: a request that is not refused is served as quickly as usual.
    let slow = percentile(&served.took, 99);
    assert!(slow < Duration::from_secs(5), "{slow:?}");
    // The crowd leaves nothing behind.
    deployment.api.send(Request::list("late")).await.expect(200);
}

#[tokio::test]
async fn with_more_environments_than_connections_transactions_wait_for_their_turn() {
    if !have(&["pgbouncer"]) {
        return;
    }
    let sizes = Sizes {
        pool_size: 2,
        ..sizes(100)
    };
    let deployment = Deployment::start_sized(Path::Pooled, sizes).await;
    let crowd = Crowd {
        users: 20,
        think: Duration::ZERO,
        time: Duration::from_secs(4),
    };
    let served = crowd.work(&deployment.api).await;
    served.print("20 users without a pause, 2 connections to PostgreSQL");
    assert_eq!(served.refused, 0, "failed or were refused");
    let environments = deployment.api.server.environments("list-tasks").len();
    assert!(
        environments > 2,
        "{environments} environments do not wait for 2 connections"
    );
}

#[tokio::test]
async fn forty_environments_that_start_at_once_all_serve() {
    storm(40).await;
}

#[tokio::test]
#[ignore = "takes all cores for long: `bash tests/reliability.sh`"]
async fn two_hundred_environments_that_start_at_once_all_serve() {
    storm(200).await;
}

async fn storm(environments: usize) {
    if !have(&["pgbouncer"]) {
        return;
    }
    let deployment = Deployment::start_sized(Path::Pooled, sizes(environments)).await;
    let (begin, api) = (Instant::now(), &deployment.api);
    let requests = (0..environments).map(|number| async move {
        let answer = api.send(Request::list(&format!("user-{number}"))).await;
        answer.expect(200);
        begin.elapsed()
    });
    // No environment gets a connection before all of them ask for one.
    let started = || deployment.api.server.environments("list-tasks").len();
    let gate = async {
        while started() < environments {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        deployment.proxy.set_silent(false);
    };
    deployment.proxy.set_silent(true);
    let (mut took, ()) = join(join_all(requests), gate).await;
    took.sort();
    assert_eq!(started(), environments);
    let served = crowd::Served {
        took,
        refused: 0,
        time: begin.elapsed(),
    };
    served.print(&format!("{environments} environments start at once"));
}
