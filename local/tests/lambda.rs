//! The emulated Lambda, with real processes.

#![cfg(test)]

mod fixtures;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fixtures::{probes, signal, state, until};
use local::lambda::{EVENT_LIMIT, InvokeError, RESPONSE_LIMIT};
use local::template::Template;
use local::{Server, ServerOptions};
use nix::sys::signal::Signal;
use serde_json::{Value, json};

const TEMPLATE: &str = "
Resources:
  Probe:
    Type: AWS::Serverless::Function
    Metadata: { BuildProperties: { Binary: probe } }
    Properties: { Timeout: 1, MemorySize: 256 }
  Absent:
    Type: AWS::Serverless::Function
    Metadata: { BuildProperties: { Binary: absent } }
";

fn options() -> ServerOptions {
    let template = Template::parse(Path::new("template.yaml"), TEMPLATE, &[].into()).unwrap();
    ServerOptions::new(template, probes())
}

async fn server() -> Server {
    Server::start(options()).await.unwrap()
}

/// A server, and what its functions have logged so far.
async fn server_with_log() -> (Server, Arc<Mutex<Vec<String>>>) {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    let log = Arc::new(move |line: local::lambda::LogLine| sink.lock().unwrap().push(line.text));
    (Server::start(ServerOptions { log, ..options() }).await.unwrap(), lines)
}

async fn invoke(server: &Server, event: Value) -> Result<Value, InvokeError> {
    server.invoke("probe", event).await
}

/// The type of the function error that an event comes to.
async fn error_type(server: &Server, event: Value) -> String {
    match invoke(server, event).await {
        Err(InvokeError::Function(error)) => error.error_type,
        other => panic!("no function error: {other:?}"),
    }
}

#[tokio::test]
async fn an_environment_is_frozen_between_invocations_and_used_again() {
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
async fn each_of_several_invocations_at_once_has_an_environment_of_its_own() {
    let server = server().await;
    let sleep = || invoke(&server, json!({ "sleep": 300 }));

    let (a, b, c) = tokio::join!(sleep(), sleep(), sleep());
    let pids: BTreeSet<u64> = [a, b, c].map(|answer| answer.unwrap()["pid"].as_u64().unwrap()).into();
    let next = invoke(&server, json!({})).await.unwrap();
    let after = invoke(&server, json!({})).await.unwrap();

    assert_eq!(pids.len(), 3);
    assert_eq!(server.environments("probe").len(), 3);
    assert_eq!(next["pid"], after["pid"], "the one used last is used first");
}

#[tokio::test]
async fn beyond_its_most_environments_a_function_is_throttled() {
    let server = Server::start(ServerOptions { max_environments: 1, ..options() }).await.unwrap();

    let (first, second) =
        tokio::join!(invoke(&server, json!({ "sleep": 200 })), invoke(&server, json!({ "sleep": 200 })));

    assert!(first.is_ok());
    assert!(matches!(second, Err(InvokeError::Throttled)), "{second:?}");
    assert!(invoke(&server, json!({})).await.is_ok());
}

#[tokio::test]
async fn a_function_that_times_out_loses_its_environment() {
    let (server, log) = server_with_log().await;
    let pid = invoke(&server, json!({})).await.unwrap()["pid"].as_u64().unwrap();

    let error = invoke(&server, json!({ "sleep": 5_000 })).await.unwrap_err().to_string();
    until("the process is gone", || state(u32::try_from(pid).unwrap()).is_none()).await;
    let next = invoke(&server, json!({})).await.unwrap();

    assert!(error.ends_with("Task timed out after 1.00 seconds"), "{error}");
    assert_ne!(next["pid"].as_u64(), Some(pid));
    assert!(
        log.lock().unwrap().iter().any(|line| line.contains("REPORT") && line.contains("Status: timeout"))
    );
}

#[tokio::test]
async fn a_function_that_ends_itself_fails_and_is_replaced() {
    let server = server().await;

    let error = invoke(&server, json!({ "exit": 7 })).await.unwrap_err().to_string();
    let next = invoke(&server, json!({})).await;

    assert!(error.starts_with("Runtime.ExitError: "), "{error}");
    assert!(error.ends_with("Runtime exited with error: exit status 7"), "{error}");
    assert!(next.is_ok());
    assert_eq!(server.environments("probe").len(), 1);
}

#[tokio::test]
async fn an_error_of_the_function_is_the_callers_and_keeps_the_environment() {
    let server = server().await;

    let error = invoke(&server, json!({ "fail": "no such luck" })).await.unwrap_err();

    let InvokeError::Function(error) = error else { panic!("{error:?}") };
    assert_eq!(error.message, "no such luck");
    let payload: Value = serde_json::from_slice(&error.payload).unwrap();
    assert_eq!(payload["errorMessage"], "no such luck");
    assert_eq!(server.environments("probe").len(), 1);
}

#[tokio::test]
async fn a_failed_init_is_the_callers_error() {
    let start = async |init: &str| {
        let environment = [("PROBE_INIT".to_owned(), init.to_owned())].into();
        Server::start(ServerOptions { environment, ..options() }).await.unwrap()
    };
    let (exits, reports, slow) = (start("exit").await, start("error").await, start("slow").await);

    assert_eq!(error_type(&exits, json!({})).await, "Runtime.ExitError");
    assert_eq!(error_type(&reports, json!({})).await, "Config.Missing");
    assert!(invoke(&slow, json!({ "sleep": 800 })).await.is_ok(), "init is not part of the timeout");
    assert!(exits.environments("probe").is_empty());
    let absent = exits.invoke("absent", json!({})).await.unwrap_err().to_string();
    assert!(absent.starts_with("Runtime.InvalidEntrypoint: "), "{absent}");
    assert!(matches!(exits.invoke("unknown", json!({})).await, Err(InvokeError::NotFound(_))));
}

#[tokio::test]
async fn answers_and_events_have_a_limit() {
    let server = server().await;

    let longest = invoke(&server, json!({ "length": RESPONSE_LIMIT })).await;
    assert_eq!(longest.unwrap().as_str().unwrap().len(), RESPONSE_LIMIT - 2);
    assert_eq!(
        error_type(&server, json!({ "length": RESPONSE_LIMIT + 1 })).await,
        "Function.ResponseSizeTooLarge"
    );
    let too_long = invoke(&server, Value::from("x".repeat(EVENT_LIMIT))).await;
    assert!(matches!(too_long, Err(InvokeError::RequestTooLarge(length)) if length == EVENT_LIMIT + 2));
}

#[tokio::test]
async fn an_environment_that_dies_at_rest_is_replaced_without_an_error() {
    let server = server().await;

    for _ in 0..10 {
        let pid = invoke(&server, json!({})).await.unwrap()["pid"].as_u64().unwrap();
        signal(u32::try_from(pid).unwrap(), Signal::SIGKILL);
        let next = invoke(&server, json!({})).await.unwrap();
        assert_ne!(next["pid"].as_u64(), Some(pid));
    }
}

#[tokio::test]
async fn the_log_is_complete_when_the_answer_comes() {
    let (server, log) = server_with_log().await;

    let first = invoke(&server, json!({ "print": "first" })).await.unwrap();
    let lines = std::mem::take(&mut *log.lock().unwrap());
    invoke(&server, json!({ "print": "second\n" })).await.unwrap();
    let more = std::mem::take(&mut *log.lock().unwrap());

    let report = format!("REPORT RequestId: {}\t", first["request_id"].as_str().unwrap());
    assert_eq!(lines[0], "out: first");
    assert!(lines[1].starts_with(&report), "{lines:?}");
    assert!(lines[1].contains("Memory Size: 256 MB") && lines[1].contains("Init Duration: "), "{lines:?}");
    assert_eq!(more[0], "err: firstout: second");
    assert!(!more.last().unwrap().contains("Init Duration"), "{more:?}");
}

#[tokio::test]
async fn a_function_has_lambdas_variables_and_none_of_ours() {
    let environment = [("DATABASE_URL".to_owned(), "postgres://".to_owned())].into();
    let server = Server::start(ServerOptions { environment, ..options() }).await.unwrap();

    let answer = invoke(&server, json!({})).await.unwrap();

    let variables = &answer["variables"];
    assert_eq!(variables["DATABASE_URL"], "postgres://");
    assert_eq!(variables["AWS_LAMBDA_FUNCTION_NAME"], "probe");
    assert_eq!(variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"], "256");
    assert_eq!(variables.get("CARGO_MANIFEST_DIR"), None, "cargo has set it for this test");
    assert_eq!(answer["arn"], "arn:aws:lambda:us-east-1:123456789012:function:probe");
    assert!((1..=1000).contains(&answer["remaining_ms"].as_u64().unwrap()), "{answer}");
    assert!(answer["trace"].as_str().unwrap().starts_with("Root=1-"), "{answer}");
}

#[tokio::test]
async fn an_invocation_whose_caller_has_left_runs_to_its_end() {
    let (server, log) = server_with_log().await;

    let left = tokio::time::timeout(Duration::from_millis(200), invoke(&server, json!({ "sleep": 600 })));
    assert!(left.await.is_err());
    until("it is reported", || log.lock().unwrap().iter().any(|line| line.starts_with("REPORT"))).await;

    assert!(server.environments("probe")[0].frozen);
    assert_eq!(invoke(&server, json!({})).await.unwrap()["pid"], server.environments("probe")[0].pid);
}

#[tokio::test]
async fn a_stopped_server_leaves_no_process_and_fails_what_is_under_way() {
    let server = Arc::new(server().await);
    let pids = async |server: &Server| {
        let environments = server.environments("probe");
        environments.iter().map(|environment| environment.pid).collect::<Vec<_>>()
    };
    invoke(&server, json!({})).await.unwrap();
    let busy = tokio::spawn({
        let server = Arc::clone(&server);
        async move { invoke(&server, json!({ "sleep": 900 })).await }
    });
    until("it is at work", || server.environments("probe").iter().any(|environment| !environment.frozen))
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
    assert!(matches!(invoke(&server, json!({})).await, Err(InvokeError::Stopped)));
}
