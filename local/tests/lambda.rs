//! The emulated Lambda, with real processes: the life of environments.

#![cfg(test)]

mod fixtures;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use fixtures::probe::{invoke, options, server, server_with_log};
use fixtures::{state, until};
use local::lambda::InvokeError;
use local::template::Schedule;
use local::{Server, ServerOptions};
use serde_json::json;

#[tokio::test]
async fn an_environment_is_frozen_between_invocations_and_reused() {
    let server = server().await;

    let first = invoke(&server, json!({})).await.unwrap();
    let pid = u32::try_from(first["pid"].as_u64().unwrap()).unwrap();
    until("the process is stopped", || state(pid) == Some('T')).await;
    let environments = server.environments("probe");
    let second = invoke(&server, json!({})).await.unwrap();

    assert_eq!(environments.len(), 1);
    assert!(environments[0].frozen);
    assert_eq!((environments[0].pid, environments[0].invocations), (pid, 1));
    assert_eq!(second["pid"], first["pid"]);
    assert_ne!(second["request_id"], first["request_id"]);
    assert_eq!(server.environments("probe")[0].invocations, 2);
}

#[tokio::test]
async fn concurrent_invocations_have_an_environment_each() {
    let server = server().await;
    let sleep = || invoke(&server, json!({ "sleep": 300 }));

    let (a, b, c) = tokio::join!(sleep(), sleep(), sleep());
    let pids: BTreeSet<u64> = [a, b, c]
        .map(|answer| answer.unwrap()["pid"].as_u64().unwrap())
        .into();
    let next = invoke(&server, json!({})).await.unwrap();
    let after = invoke(&server, json!({})).await.unwrap();

    assert_eq!(pids.len(), 3);
    assert_eq!(server.environments("probe").len(), 3);
    assert_eq!(next["pid"], after["pid"], "the one used last is used first");
}

#[tokio::test]
async fn a_function_is_throttled_beyond_its_limit_of_environments() {
    let server = Server::start(ServerOptions {
        max_environments: 1,
        ..options()
    })
    .await
    .unwrap();

    let (first, second) = tokio::join!(
        invoke(&server, json!({ "sleep": 200 })),
        invoke(&server, json!({ "sleep": 200 }))
    );

    assert!(first.is_ok());
    assert!(matches!(second, Err(InvokeError::Throttled)), "{second:?}");
    assert!(invoke(&server, json!({})).await.is_ok());
}

#[tokio::test]
async fn the_log_is_complete_when_the_response_arrives() {
    let (server, log) = server_with_log(options()).await;

    let first = invoke(&server, json!({ "print": "first" })).await.unwrap();
    let lines = std::mem::take(&mut *log.lock().unwrap());
    invoke(&server, json!({ "print": "second\n" }))
        .await
        .unwrap();
    let more = std::mem::take(&mut *log.lock().unwrap());

    let report = format!(
        "REPORT RequestId: {}\t",
        first["request_id"].as_str().unwrap()
    );
    assert_eq!(lines[0], "out: first");
    assert!(lines[1].starts_with(&report), "{lines:?}");
    assert!(
        lines[1].contains("Memory Size: 256 MB") && lines[1].contains("Init Duration: "),
        "{lines:?}"
    );
    assert_eq!(more[0], "err: firstout: second");
    assert!(!more.last().unwrap().contains("Init Duration"), "{more:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_line_is_logged_after_the_response() {
    let (server, log) = server_with_log(options()).await;

    for count in 1..=100 {
        invoke(&server, json!({ "print": "x".repeat(10_000) }))
            .await
            .unwrap();
        let printed = log
            .lock()
            .unwrap()
            .iter()
            .filter(|line| line.contains("out: x"))
            .count();
        assert_eq!(printed, count);
    }
}

#[tokio::test]
async fn a_function_has_lambdas_variables_and_none_of_this_process() {
    let environment = [("DATABASE_URL".to_owned(), "postgres://".to_owned())].into();
    let server = Server::start(ServerOptions {
        environment,
        ..options()
    })
    .await
    .unwrap();

    let answer = invoke(&server, json!({})).await.unwrap();

    let variables = &answer["variables"];
    assert_eq!(variables["DATABASE_URL"], "postgres://");
    assert_eq!(variables["AWS_LAMBDA_FUNCTION_NAME"], "probe");
    assert_eq!(variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"], "256");
    assert_eq!(
        variables.get("CARGO_MANIFEST_DIR"),
        None,
        "cargo has set it for this test"
    );
    assert_eq!(
        answer["arn"],
        "arn:aws:lambda:us-east-1:123456789012:function:probe"
    );
    assert!(
        (1..=1000).contains(&answer["remaining_ms"].as_u64().unwrap()),
        "{answer}"
    );
    assert!(
        answer["trace"].as_str().unwrap().starts_with("Root=1-"),
        "{answer}"
    );
}

#[tokio::test]
async fn an_abandoned_invocation_runs_to_its_end() {
    let (server, log) = server_with_log(options()).await;

    let left = tokio::time::timeout(
        Duration::from_millis(200),
        invoke(&server, json!({ "sleep": 600 })),
    );
    assert!(left.await.is_err());
    until("it is reported", || {
        log.lock()
            .unwrap()
            .iter()
            .any(|line| line.starts_with("REPORT"))
    })
    .await;

    assert!(server.environments("probe")[0].frozen);
    assert_eq!(
        invoke(&server, json!({})).await.unwrap()["pid"],
        server.environments("probe")[0].pid
    );
}

#[tokio::test]
async fn a_stopped_server_leaves_no_process_and_fails_invocations_in_progress() {
    let server = Arc::new(server().await);
    let pids = async |server: &Server| {
        let environments = server.environments("probe");
        environments
            .iter()
            .map(|environment| environment.pid)
            .collect::<Vec<_>>()
    };
    invoke(&server, json!({})).await.unwrap();
    let busy = tokio::spawn({
        let server = Arc::clone(&server);
        async move { invoke(&server, json!({ "sleep": 900 })).await }
    });
    until("it is busy", || {
        server
            .environments("probe")
            .iter()
            .any(|environment| !environment.frozen)
    })
    .await;
    let idle = tokio::spawn({
        let server = Arc::clone(&server);
        async move { invoke(&server, json!({})).await }
    });
    idle.await.unwrap().unwrap();
    let pids = pids(&server).await;

    server.stop().await;

    assert_eq!(pids.len(), 2);
    assert!(pids.iter().all(|pid| state(*pid).is_none()), "{pids:?}");
    assert!(matches!(busy.await.unwrap(), Err(InvokeError::Stopped)));
    assert!(matches!(
        invoke(&server, json!({})).await,
        Err(InvokeError::Stopped)
    ));
}

#[tokio::test]
async fn a_schedule_invokes_its_function_at_once_and_again_until_it_is_dropped() {
    let mut options = options();
    options.template.schedules = vec![Schedule {
        function: "probe".into(),
        interval: Duration::from_millis(20),
    }];
    let server = Server::start(options).await.unwrap();
    let invocations = || {
        let environments = server.environments("probe");
        environments.iter().map(|one| one.invocations).sum::<u64>()
    };
    assert_eq!(invocations(), 0);

    let schedules = server.run_schedules();
    until("it is invoked twice", || invocations() >= 2).await;
    drop(schedules);
    // An invocation that has begun runs to its end.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let before = invocations();
    tokio::time::sleep(Duration::from_millis(200)).await;

    assert_eq!(invocations(), before);
}
