//! `.ci/smoke` and `.ci/sam-local` promise to call every function. They run here without an AWS
//! account and without Docker, so that a new function cannot be forgotten in either.

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use serde_json::Value;
use tokio::process::Command;

use crate::harness::{Gateway, Publisher, TestDatabase, have, openapi, root, template, token};

async fn smoke(url: &str) -> Output {
    Command::new(root().join(".ci/smoke"))
        .arg(url)
        .output()
        .await
        .unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[tokio::test]
async fn the_smoke_test_calls_every_route_and_so_every_function() {
    if !have(&["curl", "python3"]) {
        return;
    }
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;

    let output = smoke(&api.server.url()).await;

    assert!(output.status.success(), "{output:?}");
    let called = stdout(&output).lines().count();
    // Two take the default route.
    assert_eq!(called, template().routes.len() + 1, "{}", stdout(&output));
    for function in template().functions {
        let binary = function.binary;
        let is_called = !api.reports(&binary).is_empty();
        // .ci/deploy invokes the one, and a schedule the other.
        assert_eq!(
            is_called,
            !["migrate", "purge"].contains(&&*binary),
            "{binary}"
        );
    }
}

#[tokio::test]
async fn the_smoke_test_fails_when_an_api_asks_for_no_token() {
    if !have(&["curl", "python3"]) {
        return;
    }
    let open = Publisher::start().await;
    let document = openapi().to_string();
    open.answer(
        &format!("200 OK\r\ncontent-length: {}", document.len()),
        &document,
    );

    let output = smoke(&open.origin()).await;

    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(
        errors.contains("expected 401") && errors.contains("expected 404"),
        "{errors}"
    );
}

/// What `sam local invoke` answers here: what the functions of this build answer to their sample
/// events.
async fn record_answers(api: &Gateway, folder: &Path) {
    let events = root().join("tests/events");
    let mut functions = template().functions;
    functions.sort_by_key(|function| function.binary != "migrate");
    for function in functions {
        let text = fs::read_to_string(events.join(function.binary.clone() + ".json")).unwrap();
        let event = text.replace("Bearer TOKEN", &format!("Bearer {}", token("demo")));
        let event: Value = serde_json::from_str(&event).unwrap();
        let answer = api.server.invoke(&function.binary, event).await.unwrap();
        fs::write(folder.join(&function.logical_id), answer.to_string()).unwrap();
    }
}

/// Puts a program in the folder.
fn write_program(folder: &Path, name: &str, body: &str) {
    let path = folder.join(name);
    fs::write(&path, format!("#!/usr/bin/env bash\n{body}\n")).unwrap();
    fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
}

/// Runs `.ci/sam-local` with programs in place of Docker and SAM. The second prints the recorded
/// answer of the function that it is told to invoke.
async fn sam_local(answers: &Path) -> Output {
    let programs = tempfile::tempdir().unwrap();
    write_program(programs.path(), "docker", "");
    write_program(
        programs.path(),
        "sam",
        &format!("cat '{}'/$3", answers.display()),
    );
    let path = format!(
        "{}:{}",
        programs.path().display(),
        std::env::var("PATH").unwrap()
    );
    Command::new(root().join(".ci/sam-local"))
        .env("PATH", path)
        .output()
        .await
        .unwrap()
}

#[tokio::test]
async fn sam_local_invokes_every_function_and_each_answers_its_sample_event() {
    if !have(&["python3"]) {
        return;
    }
    let database = TestDatabase::create_empty().await;
    let api = Gateway::start(&database).await;
    let answers = tempfile::tempdir().unwrap();
    record_answers(&api, answers.path()).await;

    let output = sam_local(answers.path()).await;

    assert!(output.status.success(), "{output:?}");
    let invoked = stdout(&output);
    let invoked: BTreeSet<_> = invoked
        .lines()
        .map(|line| line.split_once(':').unwrap().0)
        .collect();
    let functions = template().functions;
    assert_eq!(
        invoked,
        functions
            .iter()
            .map(|one| one.logical_id.as_str())
            .collect()
    );

    // It notices any other answer of any function.
    for function in &functions {
        let answer = answers.path().join(&function.logical_id);
        let expected = fs::read(&answer).unwrap();
        fs::write(&answer, r#"{"statusCode": 401}"#).unwrap();
        let output = sam_local(answers.path()).await;
        let code = output.status.code();
        assert_eq!(code, Some(1), "{}: {output:?}", function.logical_id);
        fs::write(&answer, expected).unwrap();
    }
}
