//! `cargo dev` as a process: what it says, and that it leaves nothing behind.

#![cfg(test)]

mod fixtures;

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use fixtures::{Folder, Process, family, http, probes, processes, signal, until};
use nix::sys::signal::Signal;

const TEMPLATE: &str = r"
Parameters:
  DatabaseUrl: { Type: String }
  BetterAuthSecret: { Type: String }
  CorsAllowedOrigins: { Type: CommaDelimitedList, Default: http://localhost:3000 }
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties: { CorsConfiguration: { AllowOrigins: !Ref CorsAllowedOrigins } }
  Probe:
    Type: AWS::Serverless::Function
    Metadata: { BuildProperties: { Binary: probe } }
    Properties:
      Timeout: 100
      Environment: { Variables: { DATABASE_URL: !Ref DatabaseUrl, BETTER_AUTH_SECRET: !Ref BetterAuthSecret } }
      Events:
        Get: { Type: HttpApi, Properties: { Method: GET, Path: /probe } }
";

/// A folder that looks like the project's, with the program and the function `probe` in it.
fn project() -> Folder {
    let folder = Folder::new();
    fs::write(folder.path().join("template.yaml"), TEMPLATE).unwrap();
    for binary in [env!("CARGO_BIN_EXE_local").into(), probes().join("probe")] {
        fs::copy(&binary, folder.path().join(binary.file_name().unwrap())).unwrap();
    }
    folder
}

/// The program, with nothing to build.
fn command(project: &Folder, arguments: &[&str]) -> Command {
    let mut command = Command::new(project.path().join("local"));
    command.args(arguments).env("CARGO", "true").env("CARGO_MANIFEST_DIR", project.path());
    for variable in ["DATABASE_URL", "DATABASE_URL_UNPOOLED", "BETTER_AUTH_SECRET"] {
        command.env_remove(variable);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// `cargo dev`, killed if a test does not end it.
struct Dev {
    child: Child,
    url: String,
}

impl Dev {
    /// Starts it on a free port, and waits until it serves.
    fn start(project: &Folder) -> Self {
        Self::start_with(project, &[])
    }

    fn start_with(project: &Folder, variables: &[(&str, &str)]) -> Self {
        let port = free_port();
        let mut command = command(project, &["--port", &port.to_string()]);
        let mut child = command.envs(variables.iter().copied()).spawn().unwrap();
        let (sender, lines) = mpsc::channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        let dev = Self { child, url: format!("http://127.0.0.1:{port}") };
        let limit = Duration::from_mins(1);
        while lines.recv_timeout(limit).unwrap().trim() != dev.url {}
        dev
    }

    async fn get(&self, path: &str) -> http::Response {
        http::get(format!("{}{path}", self.url)).await.unwrap()
    }

    /// All processes of it: the program itself, PostgreSQL, a frozen function, and who watches them.
    async fn family(&self) -> Vec<Process> {
        assert_eq!(self.get("/probe").await.status(), 200);
        let family = family(self.child.id());
        for part in ["/local", "postgres -D", "/probe", "environment-guard"] {
            assert!(family.iter().any(|process| process.command.contains(part)), "{part}: {family:?}");
        }
        family
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

fn are_gone(family: &[Process]) -> bool {
    let all = processes();
    !all.iter().any(|process| family.iter().any(|member| member.pid == process.pid))
}

#[tokio::test]
async fn no_process_is_left_after_a_signal_that_asks_it_to_end() {
    let project = project();

    for ending in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        let mut dev = Dev::start(&project);
        let family = dev.family().await;

        signal(dev.child.id(), ending);
        until("it ends", || dev.child.try_wait().unwrap().is_some()).await;

        assert_eq!(dev.child.wait().unwrap().code(), Some(0), "{ending}");
        until("the processes are gone", || are_gone(&family)).await;
    }
}

#[tokio::test]
async fn no_process_is_left_after_it_was_killed() {
    let project = project();
    let mut dev = Dev::start(&project);
    // One function is at rest, and one is at work: they end in different ways.
    let at_work = tokio::spawn(http::get(format!("{}/probe?sleep=60000", dev.url)));
    until("a function is at work", || is_at_work(dev.child.id())).await;
    let family = dev.family().await;
    assert_eq!(family.iter().filter(|process| process.command.contains("/probe")).count(), 2, "{family:?}");

    signal(dev.child.id(), Signal::SIGKILL);
    dev.child.wait().unwrap();

    until("the processes are gone", || are_gone(&family)).await;
    assert!(at_work.await.unwrap().is_err());
}

fn is_at_work(dev: u32) -> bool {
    family(dev).iter().any(|process| process.command.contains("/probe") && process.state != 'T')
}

#[tokio::test]
async fn no_process_is_left_when_it_is_ended_while_it_starts() {
    let project = project();
    let mut child = command(&project, &["--port", &free_port().to_string()]).spawn().unwrap();
    until("PostgreSQL is being set up", || family(child.id()).len() > 1).await;
    let family = family(child.id());

    signal(child.id(), Signal::SIGTERM);
    until("it ends", || child.try_wait().unwrap().is_some()).await;

    assert_eq!(child.wait().unwrap().code(), Some(0));
    until("the processes are gone", || are_gone(&family)).await;
    let folder = project.path().to_str().unwrap();
    until("no other has begun", || !processes().iter().any(|process| process.command.contains(folder))).await;
}

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
    assert_eq!(token.trim_end(), local::token::sign(secret, &claims).unwrap());
    assert!(probe["variables"]["DATABASE_URL"].as_str().unwrap().ends_with("/todo?sslmode=disable"));
    assert_eq!(probe["variables"]["APP_ENV"], "development");
}

fn claims(header_and_claims: &str) -> serde_json::Value {
    use base64::Engine;
    let (_, claims) = header_and_claims.split_once('.').unwrap();
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(claims).unwrap();
    serde_json::from_slice(&claims).unwrap()
}

#[tokio::test]
async fn parameters_of_the_template_are_taken_from_the_environment() {
    let project = project();
    let origins = "https://a.example, https://b.example";
    let dev =
        Dev::start_with(&project, &[("CORS_ALLOWED_ORIGINS", origins), ("BETTER_AUTH_SECRET", "given")]);

    let request = Request::get(format!("{}/probe", dev.url)).header("origin", "https://b.example");
    let response = http::send(request, Body::empty()).await.unwrap();

    assert_eq!(response.headers()["access-control-allow-origin"], "https://b.example");
    assert_eq!(http::json(&response)["variables"]["BETTER_AUTH_SECRET"], "given");
}

#[tokio::test]
async fn a_taken_port_is_said_with_a_way_out() {
    let project = project();
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port();

    let output = command(&project, &["--port", &port.to_string()]).output().unwrap();

    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr.starts_with(&format!("error: port {port} is taken")), "{stderr}");
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
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!(status.code(), Some(1));
    assert_eq!(stderr.trim_end(), "error: the functions cannot be built");
}
