//! What it prints, and which settings it obeys.

use std::fs;
use std::io::Read;
use std::net::{Ipv4Addr, TcpListener};

use axum::body::Body;
use axum::http::Request;
use nix::sys::signal::Signal;

use crate::fixtures::{family, http, signal, until};
use crate::project::{Dev, command, free_port, project};

#[tokio::test]
async fn a_token_is_signed_with_the_functions_secret() {
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
async fn the_environment_sets_the_templates_parameters() {
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
async fn a_port_in_use_is_reported_with_an_alternative() {
    let project = project();
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port();

    let output = command(&project, &["--port", &port.to_string()])
        .output()
        .unwrap();

    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr.starts_with(&format!("error: port {port} is in use")),
        "{stderr}"
    );
    assert!(stderr.contains("cargo dev --port "), "{stderr}");
    assert!(!project.path().join(".local").exists());
}

#[tokio::test]
async fn a_newcomer_finds_the_documentation() {
    let project = project();
    let dev = Dev::start(&project);

    for path in ["/", "/docs/"] {
        let response = dev.get(path).await;
        assert_eq!(response.status(), 307, "{path}");
        assert_eq!(response.headers()["location"], "/docs", "{path}");
    }
}

#[tokio::test]
async fn a_function_with_a_schedule_is_invoked_without_a_request() {
    let project = project();
    let file = project.path().join("template.yaml");
    let schedule = "Daily: { Type: Schedule, Properties: { Schedule: rate(1 day) } }";
    let template = fs::read_to_string(&file).unwrap();
    let template = template.replace("Events:", &format!("Events:\n        {schedule}"));
    assert!(template.contains(schedule));
    fs::write(&file, template).unwrap();

    let dev = Dev::start(&project);

    until("it is invoked", || {
        let family = family(dev.child.id());
        family.iter().any(|one| one.command.contains("/probe"))
    })
    .await;
}

#[tokio::test]
async fn each_step_is_announced() {
    let project = project();
    let mut dev = Dev::start(&project);

    signal(dev.child.id(), Signal::SIGINT);
    let mut stderr = String::new();
    dev.child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut stderr)
        .unwrap();

    let steps = [
        "Starting PostgreSQL",
        "Applying migrations",
        "Serving the routes",
    ];
    let found = steps.map(|step| stderr.find(step));
    assert!(found[0].is_some() && found.is_sorted(), "{stderr}");
}

#[tokio::test]
async fn the_api_goes_on_when_nobody_reads_its_output() {
    let project = project();
    let port = free_port().to_string();
    let mut child = command(&project, &["--port", &port]).spawn().unwrap();
    let stdout = child.stdout.take().unwrap();
    let url = format!("http://127.0.0.1:{port}/probe");
    until("it serves", || {
        std::net::TcpStream::connect(("127.0.0.1", port.parse().unwrap())).is_ok()
    })
    .await;

    // Each request logs at least one line: the 64 KiB of a pipe are full long before the end.
    for _ in 0..600 {
        assert_eq!(http::get(url.clone()).await.unwrap().status(), 200);
    }
    signal(child.id(), Signal::SIGINT);
    until("it ends", || child.try_wait().unwrap().is_some()).await;
    assert_eq!(child.wait().unwrap().code(), Some(0));
    drop(stdout);
}

#[tokio::test]
async fn tokens_have_the_required_issuer_and_audience() {
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
async fn a_configuration_that_the_functions_would_refuse_is_refused_at_once() {
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
