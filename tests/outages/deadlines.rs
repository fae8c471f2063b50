//! Invocations that could take longer than they may.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::harness::{Handlers, Request};

#[tokio::test]
async fn a_statement_that_waits_too_long_is_cancelled_and_answered_before_the_deadline() {
    let api = Handlers::start().await;
    let id = api.create("ann", "old").await;
    let lock = api.database().superuser().await;
    lock.batch_execute("begin; select * from tasks for update")
        .await
        .unwrap();

    let update = Request::put("ann", &id).json(&json!({"title": "new"}));
    let started = Instant::now();
    let answer = api.update_within(Duration::from_secs(1), &update).await;

    answer.problem(503);
    assert!(answer.header("retry-after").is_some());
    let took = started.elapsed();
    assert!(took < Duration::from_secs(1), "{took:?}");

    // PostgreSQL has cancelled it too: it does not take effect later, when nobody waits for it.
    let active =
        "select count(*) from pg_stat_activity where state = 'active' and query like '%update tasks%'
                  and datname = current_database() and pid <> pg_backend_pid()";
    let other = api.database().superuser().await;
    while other.query_one(active, &[]).await.unwrap().get::<_, i64>(0) > 0 {
        assert!(
            started.elapsed() < Duration::from_secs(5),
            "the statement still waits"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    lock.batch_execute("commit").await.unwrap();
    assert_eq!(
        api.send(Request::get("ann", &id)).await.expect(200)["title"],
        "old"
    );
}

#[tokio::test]
async fn an_invocation_with_hardly_any_time_left_is_answered_at_once() {
    let api = Handlers::start().await;
    let id = api.create("ann", "old").await;
    let update = Request::put("ann", &id).json(&json!({"title": "new"}));

    let started = Instant::now();
    api.update_within(Duration::from_millis(100), &update)
        .await
        .problem(503);

    assert!(
        started.elapsed() < Duration::from_millis(100),
        "{:?}",
        started.elapsed()
    );
}
