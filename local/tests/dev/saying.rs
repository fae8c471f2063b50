//! What it says, and whom it listens to.

use std::io::Read;
use std::net::{Ipv4Addr, TcpListener};

use axum::body::Body;
use axum::http::Request;
use nix::sys::signal::Signal;

use crate::fixtures::{http, signal, until};
use crate::project::{Dev, command, free_port, project};

#[tokio::test]
async fn a_token_is_signed_with_the_secret_that_the_functions_have() {
    let project = project();
    let token = command(&project, &["token", "auth0|5f7"]).output().unwrap();
    let token = String::from_utf8(token.stdout).unwrap();

    let dev = Dev::start(&project);
    let probe = http::json(&dev.get("/probe").await);

    let secret = probe["variables"]["BETTER_AUTH_SECRET"].as_str().unwrap();
    let (header_and_claims, _) = token.trim_end().rsplit_once('.').unwrap();
    let claims = claims(header_and_claims);
    assert_eq!(claims["sub"], "auth0|5f7");
    assert_eq!(
        token.trim_end(),
        local::token::sign(secret, &claims).unwrap()
    );
    assert!(
        probe["variables"]["DATABASE_URL"]
            .as_str()
            .unwrap()
            .ends_with("/todo?sslmode=disable")
    );
    assert_eq!(probe["variables"]["APP_ENV"], "development");
}

fn claims(header_and_claims: &str) -> serde_json::Value {
    use base64::Engine;
    let (_, claims) = header_and_claims.split_once('.').unwrap();
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(claims)
        .unwrap();
    serde_json::from_slice(&claims).unwrap()
}

#[tokio::test]
async fn parameters_of_the_template_are_taken_from_the_environment() {
    let project = project();
    let origins = "https://a.example, https://b.example";
    let dev = Dev::start_with(
        &project,
        &[
            ("CORS_ALLOWED_ORIGINS", origins),
            ("BETTER_AUTH_SECRET", "given"),
        ],
    );

    let request = Request::get(format!("{}/probe", dev.url)).header("origin", "https://b.example");
    let response = http::send(request, Body::empty()).await.unwrap();

    assert_eq!(
        response.headers()["access-control-allow-origin"],
        "https://b.example"
    );
    assert_eq!(
        http::json(&response)["variables"]["BETTER_AUTH_SECRET"],
        "given"
    );
}

#[tokio::test]
async fn a_taken_port_is_said_with_a_way_out() {
    let project = project();
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port();

    let output = command(&project, &["--port", &port.to_string()])
        .output()
        .unwrap();

    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr.starts_with(&format!("error: port {port} is taken")),
        "{stderr}"
    );
    assert!(stderr.contains("cargo dev --port "), "{stderr}");
    assert!(!project.path().join(".local").exists());
}

#[tokio::test]
async fn a_failed_build_ends_it_with_an_error() {
    let project = project();
    let mut command = command(&project, &["--port", &free_port().to_string()]);

    let mut child = command.env("CARGO", "false").spawn().unwrap();
    let status = child.wait().unwrap();

    let mut stderr = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut stderr)
        .unwrap();
    assert_eq!(status.code(), Some(1));
    assert_eq!(stderr.trim_end(), "error: the functions cannot be built");
}

#[tokio::test]
async fn who_does_not_read_its_output_does_not_stop_the_api() {
    let project = project();
    let port = free_port().to_string();
    let mut child = command(&project, &["--port", &port]).spawn().unwrap();
    let stdout = child.stdout.take().unwrap();
    let url = format!("http://127.0.0.1:{port}/probe");
    until("it serves", || {
        std::net::TcpStream::connect(("127.0.0.1", port.parse().unwrap())).is_ok()
    })
    .await;

    // Each request logs a line or more: a pipe's 64 KiB are full long before the end.
    for _ in 0..600 {
        assert_eq!(http::get(url.clone()).await.unwrap().status(), 200);
    }
    signal(child.id(), Signal::SIGINT);
    until("it ends", || child.try_wait().unwrap().is_some()).await;
    assert_eq!(child.wait().unwrap().code(), Some(0));
    drop(stdout);
}

#[tokio::test]
async fn its_tokens_have_the_issuer_and_the_audience_that_are_required() {
    let project = project();
    let required = [
        ("JWT_ISSUER", "https://auth.example"),
        ("JWT_AUDIENCE", "tasks"),
    ];
    let output = command(&project, &["token", "ann"])
        .envs(required)
        .output()
        .unwrap();
    let token = String::from_utf8(output.stdout).unwrap();
    let claims = claims(token.rsplit_once('.').unwrap().0);
    assert_eq!(
        (&claims["iss"], &claims["aud"]),
        (&required[0].1.into(), &required[1].1.into())
    );
}

#[tokio::test]
async fn a_configuration_that_no_function_would_start_with_is_refused_at_once() {
    let project = project();
    let port = free_port().to_string();
    for (name, wrong) in [
        ("JWT_JWKS", "{bad"),
        ("JWT_MAX_LIFETIME", "abc"),
        ("DATABASE_URL", "postgres://"),
    ] {
        let output = command(&project, &["--port", &port])
            .env(name, wrong)
            .output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(stderr.contains(name), "{stderr}");
    }
    let output = command(&project, &["token", ""]).output().unwrap();
    assert!(!output.status.success());
}
