//! One user never has more than a share of the connections, and waits without one.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;
use tokio_postgres::Client;

use crate::harness::{Handlers, Request};

fn create_batch() -> Request {
    let create = json!({"operation": "create", "task": {"title": "t"}});
    Request::batch("ann", true, &json!([create]))
}

/// Holds a lock of `ann` for as long as the session lives.
async fn hold(api: &Handlers, locks: &str) -> Client {
    let holder = api.database().superuser().await;
    let statement = format!("select pg_advisory_lock({locks})");
    holder.batch_execute(&statement).await.unwrap();
    holder
}

#[tokio::test]
async fn a_user_without_a_free_slot_is_told_to_try_again_and_others_notice_nothing() {
    let api = Handlers::start().await;
    let slots = "user_lock('slot', 'ann') # slot) from generate_series(0, 3) as slots(slot";
    let holder = hold(&api, slots).await;

    let refused = api.send(Request::list("ann")).await;

    let problem = refused.problem(429);
    assert_eq!(problem["type"], "/docs/problems#too-many-requests");
    assert_eq!(refused.header("retry-after"), Some("2"));
    api.send(Request::list("bob")).await.expect(200);
    drop(holder);
}

#[tokio::test]
async fn a_request_that_waits_for_its_turn_keeps_no_connection_from_others() {
    let api = Handlers::start_with(&[("AWS_LAMBDA_MAX_CONCURRENCY", "2")]).await;
    let turn = hold(&api, "user_lock('turn', 'ann')").await;
    let waiting = join_all((0..20).map(|_| api.send(create_batch())));
    let others = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let started = Instant::now();
        for _ in 0..20 {
            api.send(Request::list("bob")).await.expect(200);
        }
        let took = started.elapsed();
        drop(turn);
        took
    };

    let (answers, took) = tokio::join!(waiting, others);

    // With a connection in hand, each of them would have waited for 4 s.
    assert!(took < Duration::from_secs(2), "{took:?}");
    for answer in answers {
        answer.expect(200);
    }
}

#[tokio::test]
async fn a_burst_of_one_user_is_served() {
    let api = Handlers::start_with(&[("AWS_LAMBDA_MAX_CONCURRENCY", "10")]).await;
    let reads = join_all((0..10).map(|_| api.send(Request::list("ann"))));
    let writes = join_all((0..10).map(|_| api.send(create_batch())));
    let (reads, writes) = tokio::join!(reads, writes);
    for answer in reads.into_iter().chain(writes) {
        answer.expect(200);
    }
}
