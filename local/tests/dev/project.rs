//! A project for `cargo dev` to run.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use tempfile::TempDir;

use crate::fixtures::{Process, family, http, probes};

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

/// A folder like the project's, with the program and the function `probe` in it.
pub(crate) fn project() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("template.yaml"), TEMPLATE).unwrap();
    for binary in [env!("CARGO_BIN_EXE_local").into(), probes().join("probe")] {
        fs::copy(&binary, folder.path().join(binary.file_name().unwrap())).unwrap();
    }
    folder
}

/// The program, in this project.
pub(crate) fn command(project: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(project.path().join("local"));
    command
        .args(arguments)
        .env("CARGO_MANIFEST_DIR", project.path());
    for variable in [
        "DATABASE_URL",
        "DATABASE_URL_UNPOOLED",
        "BETTER_AUTH_SECRET",
    ] {
        command.env_remove(variable);
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// `cargo dev`, which is killed if a test does not end it.
pub(crate) struct Dev {
    pub(crate) child: Child,
    pub(crate) url: String,
}

impl Dev {
    /// Starts it on a free port, and waits until it serves.
    pub(crate) fn start(project: &TempDir) -> Self {
        Self::start_with(project, &[])
    }

    pub(crate) fn start_with(project: &TempDir, variables: &[(&str, &str)]) -> Self {
        let port = free_port();
        let mut command = command(project, &["--port", &port.to_string()]);
        let mut child = command.envs(variables.iter().copied()).spawn().unwrap();
        let (sender, lines) = mpsc::channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            stdout
                .lines()
                .map_while(Result::ok)
                .try_for_each(|line| sender.send(line))
        });
        let dev = Self {
            child,
            url: format!("http://127.0.0.1:{port}"),
        };
        let limit = Duration::from_mins(1);
        while lines.recv_timeout(limit).unwrap().trim() != dev.url {}
        dev
    }

    pub(crate) async fn get(&self, path: &str) -> http::Response {
        http::get(format!("{}{path}", self.url)).await.unwrap()
    }

    /// All its processes: the program itself, PostgreSQL, a frozen function, and their guards.
    pub(crate) async fn family(&self) -> Vec<Process> {
        assert_eq!(self.get("/probe").await.status(), 200);
        let family = family(self.child.id());
        for part in ["/local", "postgres -D", "/probe", "process-guard"] {
            assert!(
                family.iter().any(|process| process.command.contains(part)),
                "{part}: {family:?}"
            );
        }
        family
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}
