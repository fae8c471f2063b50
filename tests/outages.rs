//! The database goes away and comes back. tests/faults shows what users see during each fault.

mod deadlines;

use std::time::{Duration, Instant};

use local::postgres::{Cluster, ClusterOptions};

use crate::harness::{Gateway, Handlers, Proxy, Request, TestDatabase};

/// A PostgreSQL server that a test may kill, and an API that uses it.
async fn deploy() -> (Cluster, Gateway) {
    let options = ClusterOptions {
        durable: true,
        ..testbed::cluster::temporary()
    };
    let cluster = Cluster::start(options).await.unwrap();
    cluster.create_database("todo").await.unwrap();
    migrations::apply(&cluster.url("todo").parse().unwrap())
        .await
        .unwrap();
    let api = Gateway::start_on(&cluster.url("todo")).await;
    (cluster, api)
}

const OPERATIONS: [&str; 7] = [
    "create-task",
    "list-tasks",
    "summarize-tasks",
    "batch-tasks",
    "get-task",
    "update-task",
    "complete-task",
];

#[tokio::test]
async fn every_operation_answers_503_while_postgresql_is_down_and_recovers_without_a_restart() {
    let (cluster, api) = deploy().await;
    let id = api.create("ann", "kept").await;
    for request in Request::every_operation_but_delete("ann", &id) {
        assert!(api.send(request).await.status < 300);
    }
    let pids = |operation| {
        api.server
            .environments(operation)
            .iter()
            .map(|one| one.pid)
            .collect::<Vec<_>>()
    };
    let before = OPERATIONS.map(pids);

    cluster.kill().await;

    for request in Request::every_operation("ann", &id) {
        let answer = api.send(request).await;
        assert_eq!(answer.problem(503)["type"], "/docs/problems#unavailable");
        let wait: u32 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!(wait > 0);
    }
    let health = api.http("GET", "/health", &[]).await;
    assert_eq!(health.expect(503)["status"], "unhealthy");
    assert!(health.header("retry-after").is_some());

    cluster.restart().await.unwrap();

    for request in Request::every_operation("ann", &id) {
        let answer = api.send(request).await;
        assert!(answer.status < 300, "{answer:?}");
    }
    api.http("GET", "/health", &[]).await.expect(200);
    assert_eq!(OPERATIONS.map(pids), before, "an environment was replaced");
}

#[tokio::test]
async fn a_silent_database_leads_to_503_even_during_a_cold_start() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let api = Gateway::start_on(&format!(
        "postgres://u:p@127.0.0.1:{port}/todo?sslmode=disable"
    ))
    .await;

    let started = Instant::now();
    let (list, health) = futures_util::join!(
        api.send(Request::list("ann")),
        api.http("GET", "/health", &[])
    );

    list.problem(503);
    assert_eq!(health.expect(503)["status"], "unhealthy");
    assert!(
        started.elapsed() < Duration::from_secs(14),
        "{:?}",
        started.elapsed()
    );
}

#[tokio::test]
async fn a_task_whose_answer_was_lost_is_stored_once_and_acknowledged() {
    let (database, proxy, api) = deploy_behind_proxy().await;
    api.create("ann", "first").await;

    proxy.lose_next_answer();
    api.create("ann", "second").await;

    let list = api.send(Request::list("ann")).await.expect(200);
    assert_eq!(list.as_array().unwrap().len(), 2);
    drop(database);
}

#[tokio::test]
async fn a_change_whose_answer_was_lost_is_not_repeated_behind_the_clients_back() {
    let (database, proxy, api) = deploy_behind_proxy().await;
    let id = api.create("ann", "t").await;
    api.send(Request::complete("ann", &id)).await.expect(200);

    proxy.lose_next_answer();
    api.send(Request::complete("ann", &id)).await.problem(503);

    // It ran once: a second toggle would have set it back to `true`.
    assert_eq!(
        api.send(Request::get("ann", &id)).await.expect(200)["completed"],
        false
    );
    drop(database);
}

async fn deploy_behind_proxy() -> (TestDatabase, Proxy, Gateway) {
    let database = TestDatabase::create().await;
    let proxy = Proxy::start(database.port()).await.unwrap();
    let api = Gateway::start_on(&proxy.through(&database.url())).await;
    (database, proxy, api)
}

#[tokio::test]
async fn a_connection_closed_while_the_environment_was_frozen_costs_the_client_nothing() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    let id = api.create("ann", "t").await;
    for request in Request::every_operation_but_delete("ann", &id) {
        assert!(api.send(request).await.status < 300);
    }

    end_every_session(&database).await;

    // This includes the operations that are never repeated automatically: toggling and deleting.
    api.send(Request::complete("ann", &id)).await.expect(200);
    for request in Request::every_operation("ann", &id) {
        let answer = api.send(request).await;
        assert!(answer.status < 300, "{answer:?}");
    }
}

#[tokio::test]
async fn a_goodbye_received_during_the_freeze_is_noticed_before_a_statement_is_sent() {
    let api = Handlers::start().await;
    let id = api.create("ann", "t").await;

    // Blocks this thread, which also runs the function: that freezes the function.
    std::thread::scope(|scope| {
        let others = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(end_every_session(api.database()));
        });
        others.join().unwrap();
    });

    // A toggle is never repeated automatically, so a lost connection would show.
    api.send(Request::complete("ann", &id)).await.expect(200);
}

/// Ends the functions' sessions and waits until they are gone.
async fn end_every_session(database: &TestDatabase) {
    let client = database.superuser().await;
    let others =
        "from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
    let ended = client
        .query(&format!("select pg_terminate_backend(pid) {others}"), &[])
        .await
        .unwrap();
    assert!(!ended.is_empty(), "{ended:?}");
    while !client
        .query(&format!("select pid {others}"), &[])
        .await
        .unwrap()
        .is_empty()
    {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
