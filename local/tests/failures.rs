//! The emulated Lambda, with real processes: failures.

#![cfg(test)]

mod fixtures;

use fixtures::probe::{invoke, options, server, server_with_log};
use fixtures::{signal, state, until};
use local::lambda::{EVENT_LIMIT, InvokeError, RESPONSE_LIMIT};
use local::{Server, ServerOptions};
use nix::sys::signal::Signal;
use serde_json::{Value, json};

/// The type of the function error that an event leads to.
async fn error_type(server: &Server, event: Value) -> String {
    match invoke(server, event).await {
        Err(InvokeError::Function(error)) => error.error_type,
        other => panic!("no function error: {other:?}"),
    }
}

#[tokio::test]
async fn a_function_that_times_out_loses_its_environment() {
    let (server, log) = server_with_log(options()).await;
    let pid = invoke(&server, json!({})).await.unwrap()["pid"]
        .as_u64()
        .unwrap();

    let error = invoke(&server, json!({ "sleep": 5_000 }))
        .await
        .unwrap_err()
        .to_string();
    until("the process is gone", || {
        state(u32::try_from(pid).unwrap()).is_none()
    })
    .await;
    let next = invoke(&server, json!({})).await.unwrap();

    assert!(
        error.ends_with("Task timed out after 1.00 seconds"),
        "{error}"
    );
    assert_ne!(next["pid"].as_u64(), Some(pid));
    assert!(
        log.lock()
            .unwrap()
            .iter()
            .any(|line| line.contains("REPORT") && line.contains("Status: timeout"))
    );
}

#[tokio::test]
async fn a_function_that_exits_fails_and_is_replaced() {
    let server = server().await;

    let error = invoke(&server, json!({ "exit": 7 }))
        .await
        .unwrap_err()
        .to_string();
    let next = invoke(&server, json!({})).await;

    assert!(error.starts_with("Runtime.ExitError: "), "{error}");
    assert!(
        error.ends_with("Runtime exited with error: exit status 7"),
        "{error}"
    );
    assert!(next.is_ok());
    assert_eq!(server.environments("probe").len(), 1);
}

#[tokio::test]
async fn a_functions_error_reaches_the_caller_and_keeps_the_environment() {
    let server = server().await;

    let error = invoke(&server, json!({ "fail": "no such luck" }))
        .await
        .unwrap_err();

    let InvokeError::Function(error) = error else {
        panic!("{error:?}")
    };
    assert_eq!(error.message, "no such luck");
    assert_eq!(server.environments("probe").len(), 1);
}

#[tokio::test]
async fn a_failed_init_fails_the_invocation() {
    let start = async |init: &str| {
        let environment = [("PROBE_INIT".to_owned(), init.to_owned())].into();
        Server::start(ServerOptions {
            environment,
            ..options()
        })
        .await
        .unwrap()
    };
    let (exits, slow) = (start("exit").await, start("slow").await);

    assert_eq!(error_type(&exits, json!({})).await, "Runtime.ExitError");
    assert!(
        invoke(&slow, json!({ "sleep": 800 })).await.is_ok(),
        "init is not part of the timeout"
    );
    assert!(exits.environments("probe").is_empty());
    let absent = exits
        .invoke("absent", json!({}))
        .await
        .unwrap_err()
        .to_string();
    assert!(
        absent.starts_with("Runtime.InvalidEntrypoint: "),
        "{absent}"
    );
    assert!(matches!(
        exits.invoke("unknown", json!({})).await,
        Err(InvokeError::NotFound)
    ));
}

#[tokio::test]
async fn responses_and_events_have_a_limit() {
    let server = server().await;

    let longest = invoke(&server, json!({ "length": RESPONSE_LIMIT })).await;
    assert_eq!(longest.unwrap().as_str().unwrap().len(), RESPONSE_LIMIT - 2);
    assert_eq!(
        error_type(&server, json!({ "length": RESPONSE_LIMIT + 1 })).await,
        "Function.ResponseSizeTooLarge"
    );
    let too_long = invoke(&server, Value::from("x".repeat(EVENT_LIMIT))).await;
    assert!(
        matches!(too_long, Err(InvokeError::RequestTooLarge(length)) if length == EVENT_LIMIT + 2)
    );
}

#[tokio::test]
async fn an_environment_that_dies_while_frozen_is_replaced_without_an_error() {
    let server = server().await;

    for _ in 0..10 {
        let pid = invoke(&server, json!({})).await.unwrap()["pid"]
            .as_u64()
            .unwrap();
        signal(u32::try_from(pid).unwrap(), Signal::SIGKILL);
        let next = invoke(&server, json!({})).await.unwrap();
        assert_ne!(next["pid"].as_u64(), Some(pid));
    }
}
