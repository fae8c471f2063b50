//! What Lambda does with an environment besides sending it one request after another.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;

use crate::harness::{Request, ScriptedEnvironment, TestDatabase};

/// The number of sessions that functions have in the database.
async fn sessions(database: &TestDatabase) -> i64 {
    let others = "select count(*) from pg_stat_activity
                  where datname = current_database() and pid <> pg_backend_pid()";
    database
        .superuser()
        .await
        .query_one(others, &[])
        .await
        .unwrap()
        .get(0)
}

/// Waits until there are this many sessions, or fails.
async fn has_sessions(database: &TestDatabase, expected: i64) {
    let started = Instant::now();
    while sessions(database).await != expected {
        assert!(
            started.elapsed() < Duration::from_secs(5),
            "{} sessions",
            sessions(database).await
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn an_environment_on_managed_instances_serves_several_requests_at_once() {
    let database = TestDatabase::create().await;
    let concurrency = [("AWS_LAMBDA_MAX_CONCURRENCY", "4")];
    let environment = ScriptedEnvironment::start("update-task", &database, &concurrency);
    let client = database.superuser().await;
    // Four users: the writes of one take turns.
    let insert = "insert into tasks (id, user_id, title)
                  select gen_random_uuid(), 'user-' || n, 't' from generate_series(0, 3) n returning user_id, id::text";
    let tasks = client.query(insert, &[]).await.unwrap();
    client
        .batch_execute("begin; select * from tasks for update")
        .await
        .unwrap();

    for task in tasks {
        let changes = json!({"title": "changed"});
        environment.send(&Request::put(task.get(0), task.get(1)).json(&changes));
    }

    // All four wait for their rows at the same time, each on its own connection.
    let waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
    let observer = database.superuser().await;
    let started = Instant::now();
    let waiting = async || -> i64 { observer.query_one(waiting, &[]).await.unwrap().get(0) };
    while waiting().await < 4 {
        assert!(
            started.elapsed() < Duration::from_secs(5),
            "they did not run at the same time"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    client.batch_execute("commit").await.unwrap();
    let answers = join_all((0..4).map(|_| environment.answer())).await;
    assert!(
        answers.iter().all(|answer| answer["statusCode"] == 200),
        "{answers:?}"
    );
}

#[tokio::test]
async fn sigterm_closes_the_connection_and_ends_the_environment_cleanly() {
    let database = TestDatabase::create().await;
    let mut environment = ScriptedEnvironment::start("list-tasks", &database, &[]);
    environment.send(&Request::list("ann"));
    assert_eq!(environment.answer().await["statusCode"], 200);
    has_sessions(&database, 1).await;

    let status = environment.terminate().await;

    assert!(status.success(), "{status}");
    has_sessions(&database, 0).await;
}

#[tokio::test]
async fn the_first_request_uses_a_connection_opened_during_init() {
    let database = TestDatabase::create().await;
    let environment = ScriptedEnvironment::start("list-tasks", &database, &[]);
    environment.is_ready().await;
    assert_eq!(sessions(&database).await, 1);
}

#[tokio::test]
async fn a_snapshot_holds_no_connection_and_a_restored_environment_opens_one() {
    let database = TestDatabase::create().await;
    let snap_start = [("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start")];
    let environment = ScriptedEnvironment::start("list-tasks", &database, &snap_start);

    environment.may_be_snapshotted().await;
    has_sessions(&database, 0).await;

    environment.restore();
    environment.is_ready().await;
    has_sessions(&database, 1).await;
    environment.send(&Request::list("ann"));
    assert_eq!(environment.answer().await["statusCode"], 200);
    assert_eq!(sessions(&database).await, 1);
}
