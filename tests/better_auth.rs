//! A real issuer: Better Auth signs users in, and the API accepts both kinds of its tokens.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::harness::{Gateway, SECRET, TestDatabase, have, root};

#[tokio::test(flavor = "multi_thread")]
async fn tokens_signed_by_better_auth_are_verified_with_its_live_jwks() {
    if !have(&["node", "npm"]) {
        return;
    }
    install();
    let issuer = Issuer::start();
    let database = TestDatabase::create().await;
    let variables = [
        ("JWT_JWKS_URL", issuer.jwks_url.as_str()),
        ("JWT_ISSUER", &issuer.url),
        ("JWT_AUDIENCE", &issuer.url),
    ];
    let api = Gateway::start_with(&database.url(), &variables).await;
    run("client.mjs", &[&issuer.url, &api.server.url()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_signed_by_a_frontend_with_the_shared_secret_are_verified() {
    if !have(&["node", "npm"]) {
        return;
    }
    install();
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    run("shared-secret.mjs", &[&api.server.url(), SECRET]);
}

fn folder() -> PathBuf {
    root().join("tests/better-auth")
}

/// Installs what package-lock.json lists unless it is installed: once, although tests run in
/// parallel.
fn install() {
    static INSTALL: std::sync::Once = std::sync::Once::new();
    INSTALL.call_once(|| {
        let modified = |file: &str| {
            folder()
                .join(file)
                .metadata()
                .and_then(|file| file.modified())
                .ok()
        };
        if modified("node_modules/.package-lock.json") < modified("package-lock.json") {
            let npm = Command::new("npm")
                .args(["ci", "--no-audit", "--no-fund"])
                .current_dir(folder())
                .output()
                .unwrap();
            assert!(npm.status.success(), "npm ci: {npm:?}");
        }
    });
}

/// A running Better Auth. Dropping it closes its standard input, which ends it.
struct Issuer {
    process: Child,
    url: String,
    jwks_url: String,
}

impl Issuer {
    fn start() -> Self {
        let mut node = Command::new("node");
        let mut process = node
            .arg("issuer.mjs")
            .current_dir(folder())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let ready: Value =
            serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let address = |name: &str| ready[name].as_str().unwrap().to_owned();
        Self {
            process,
            url: address("url"),
            jwks_url: address("jwks_url"),
        }
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs a frontend's program, which asserts every step.
fn run(script: &str, arguments: &[&str]) {
    let node = Command::new("node")
        .arg(script)
        .args(arguments)
        .current_dir(folder())
        .output()
        .unwrap();
    let [output, errors] = [&node.stdout, &node.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    assert!(node.status.success(), "{output}\n{errors}");
    assert!(!output.trim().is_empty(), "the program did nothing");
}
