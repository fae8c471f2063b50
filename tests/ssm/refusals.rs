//! When Parameter Store cannot be read, functions say why, in time, and do not start.

use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use serde_json::json;

use super::{ANYBODY, BETTER_AUTH_SECRET, DATABASE_URL, NOBODY, asking, deploy};
use crate::harness::{Moto, Publisher, Request, Role, SECRET};

/// What a function that cannot start says, and how long the request that started it took.
async fn refusal(variables: &[(&str, &str)]) -> (String, Duration) {
    let api = deploy(variables).await;
    let started = Instant::now();
    let answer = api.send(Request::list("ann")).await;
    let took = started.elapsed();
    assert!(answer.status >= 500, "{answer:?}");
    assert!(took < Duration::from_secs(7), "{took:?}");
    (api.log().join("\n"), took)
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(
    not(feature = "ssm"),
    ignore = "needs the feature `ssm`: cargo test --features functions/ssm"
)]
async fn an_empty_path_is_named_along_with_every_other_error() {
    let Some(aws) = Moto::start(&[("/todo-api/dev/DATABASE_URL", "postgres://u@h/d")]) else {
        return;
    };
    let variables = asking(aws.url(), aws.credentials(Role::Allowed));
    let (log, _) = refusal(&[variables, vec![("JWT_LEEWAY", "many")]].concat()).await;
    for line in [
        "CONFIG_SSM_PATH: there is no parameter under /todo-api/prod",
        "DATABASE_URL is missing",
        "BETTER_AUTH_SECRET, JWT_JWKS, JWT_JWKS_URL are missing: one of them is needed",
        "JWT_LEEWAY must be a number of seconds, at most 300",
    ] {
        assert!(log.contains(line), "{line}: {log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(
    not(feature = "ssm"),
    ignore = "needs the feature `ssm`: cargo test --features functions/ssm"
)]
async fn an_invalid_path_is_refused_without_a_request() {
    let aws = Publisher::start().await;
    let endpoint = aws.origin();
    let variables = [
        &asking(&endpoint, ANYBODY)[..],
        &[("CONFIG_SSM_PATH", "todo-api/prod")],
    ]
    .concat();
    let (log, _) = refusal(&variables).await;
    assert!(
        log.contains("CONFIG_SSM_PATH: todo-api/prod must begin with /"),
        "{log}"
    );
    assert_eq!(aws.requests(), 0);
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(
    not(feature = "ssm"),
    ignore = "needs the feature `ssm`: cargo test --features functions/ssm"
)]
async fn a_function_without_the_permission_says_which_one_it_needs() {
    let Some(aws) = Moto::start(&[
        (DATABASE_URL, "postgres://u@h/d"),
        (BETTER_AUTH_SECRET, SECRET),
    ]) else {
        return;
    };
    let (log, _) = refusal(&asking(aws.url(), aws.credentials(Role::Denied))).await;
    let line = "CONFIG_SSM_PATH: access to /todo-api/prod was denied: the function needs ssm:GetParametersByPath";
    assert!(log.contains(line), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(
    not(feature = "ssm"),
    ignore = "needs the feature `ssm`: cargo test --features functions/ssm"
)]
async fn the_error_message_of_parameter_store_is_passed_on() {
    let aws = Publisher::start().await;
    let endpoint = aws.origin();
    for (code, message, line, requests) in [
        (
            "AccessDeniedException",
            "User: arn:aws:sts::123456789012:assumed-role/r/list-tasks is not authorized",
            "/todo-api/prod was denied: the function needs ssm:GetParametersByPath, and kms:Decrypt where the \
             parameters have a key of your own (AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/r/list-tasks is \
             not authorized)",
            1,
        ),
        (
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
            "/todo-api/prod cannot be fetched: UnrecognizedClientException: The security token included",
            1,
        ),
        (
            "ThrottlingException",
            "Rate exceeded",
            "/todo-api/prod cannot be fetched: ThrottlingException: Rate exceeded",
            5,
        ),
    ] {
        let body = json!({"__type": code, "message": message}).to_string();
        let head =
            "400 Bad Request\r\ncontent-type: application/x-amz-json-1.1\r\ncontent-length: ";
        aws.answer(&format!("{head}{}", body.len()), &body);
        let before = aws.requests();
        let (log, _) = refusal(&asking(&endpoint, ANYBODY)).await;
        assert!(log.contains(line), "{log}");
        assert_eq!(aws.requests() - before, requests, "{code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(
    not(feature = "ssm"),
    ignore = "needs the feature `ssm`: cargo test --features functions/ssm"
)]
async fn init_ends_in_time_when_parameter_store_is_slow_down_or_hangs_up() {
    // Accepts connections and never sends anything.
    let slow = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let hangs_up = Publisher::start().await;
    let origin = |listener: &TcpListener| format!("http://{}", listener.local_addr().unwrap());
    let down = origin(&TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());

    let (log, took) = refusal(&asking(&origin(&slow), ANYBODY)).await;
    assert!(
        log.contains("CONFIG_SSM_PATH: /todo-api/prod cannot be fetched: no answer within 5 s"),
        "{log}"
    );
    assert!(took > Duration::from_secs(4), "{took:?}");

    let (log, _) = refusal(&asking(&down, ANYBODY)).await;
    assert!(log.contains("Connection refused"), "{log}");

    let (log, _) = refusal(&asking(&hangs_up.origin(), ANYBODY)).await;
    assert!(
        log.contains("CONFIG_SSM_PATH: /todo-api/prod cannot be fetched: "),
        "{log}"
    );
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(
    not(feature = "ssm"),
    ignore = "needs the feature `ssm`: cargo test --features functions/ssm"
)]
async fn a_function_without_credentials_says_so() {
    let aws = Publisher::start().await;
    let (log, took) = refusal(&asking(&aws.origin(), NOBODY)).await;
    assert!(
        log.contains("CONFIG_SSM_PATH: /todo-api/prod cannot be fetched: "),
        "{log}"
    );
    assert!(log.contains("credentials"), "{log}");
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert_eq!(aws.requests(), 0);
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(feature = "ssm", ignore = "needs a build without the feature `ssm`")]
async fn a_function_without_the_feature_refuses_a_path_and_says_why() {
    let aws = Publisher::start().await;
    let (log, _) = refusal(&asking(&aws.origin(), ANYBODY)).await;
    let line = "CONFIG_SSM_PATH: this function was built without the feature `ssm`";
    assert!(log.contains(line), "{log}");
    assert_eq!(aws.requests(), 0);
}
