//! The database's certificate and its name.

use std::fs;
use std::time::{Duration, Instant};

use super::{Deployment, Path};
use crate::harness::{Gateway, Request, root};

/// Tried with PostgreSQL alone: at Neon, its proxy ends TLS, whatever is behind it.
#[tokio::test]
async fn a_certificate_that_does_not_hold_is_answered_503_until_one_does() {
    let deployment = Deployment::start(Path::Direct).await;
    let authority = root().join("tests/keys/tls/authority.pem");
    let url = deployment
        .cluster
        .url("todo")
        .replace("127.0.0.1", "localhost");
    let url = format!("{}?sslmode=require", url.split('?').next().unwrap());
    let variables = [("SSL_CERT_FILE", authority.to_str().unwrap())];
    let api = Gateway::start_with(&url, &variables).await;
    present(&deployment, "valid").await;
    for wrong in ["expired", "other-host", "self-signed"] {
        succeed(&api).await;
        present(&deployment, wrong).await;
        let mut slowest = Duration::ZERO;
        for request in requests() {
            slowest = slowest.max(be_refused(&api, request).await);
        }
        present(&deployment, "valid").await;
        let healed = Instant::now();
        succeed(&api).await;
        let (slowest, recovered) = (slowest.as_millis(), healed.elapsed().as_millis());
        println!(
            "| certificate: {wrong} | Direct | 2xx: 4, 503: 2 | {slowest} | {recovered} \
             | 6 | 0 | 0 |"
        );
    }
    // Six tasks were acknowledged, and no others are stored.
    let count = "select count(*) from tasks";
    let stored = deployment
        .superuser()
        .await
        .query_one(count, &[])
        .await
        .unwrap();
    assert_eq!(stored.get::<_, i64>(0), 6);
}

fn requests() -> [Request; 2] {
    let create = Request::create("ann").json(&serde_json::json!({"title": "t"}));
    [Request::list("ann"), create]
}

/// Sends a request, which must be answered with 503, and returns how long that took.
async fn be_refused(api: &Gateway, request: Request) -> Duration {
    let sent = Instant::now();
    let answer = api.send(request).await;
    answer.problem(503);
    assert!(answer.header("retry-after").is_some());
    sent.elapsed()
}

async fn succeed(api: &Gateway) {
    for request in requests() {
        let answer = api.send(request).await;
        assert!(answer.status < 300, "{answer:?}");
    }
}

/// Makes PostgreSQL present this certificate, and ends all sessions.
async fn present(deployment: &Deployment, name: &str) {
    let client = deployment.superuser().await;
    for file in [format!("{name}.pem"), "server.key".to_owned()] {
        let text = fs::read_to_string(root().join("tests/keys/tls").join(&file)).unwrap();
        // PostgreSQL writes it, so that PostgreSQL owns the key and nobody else can read it.
        let copy = format!(
            "copy (select unnest(string_to_array('{}', E'\\n')))
             to program 'umask 077; cat > {file}'",
            text.trim()
        );
        client.batch_execute(&copy).await.unwrap();
    }
    for statement in [
        "alter system set ssl_key_file = 'server.key'",
        &format!("alter system set ssl_cert_file = '{name}.pem'"),
        "alter system set ssl = on",
        "select pg_reload_conf()",
    ] {
        client.batch_execute(statement).await.unwrap();
    }
    let current = "select current_setting('ssl_cert_file') || current_setting('ssl')";
    let expected = format!("{name}.pemon");
    let started = Instant::now();
    while client
        .query_one(current, &[])
        .await
        .unwrap()
        .get::<_, String>(0)
        != expected
    {
        assert!(
            started.elapsed() < Duration::from_secs(5),
            "the certificate is not loaded"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    deployment.terminate_sessions().await;
}

#[tokio::test]
async fn a_name_that_cannot_be_resolved_is_answered_503() {
    // RFC 6761 section 6.4: no name under `.invalid` ever exists.
    let api = Gateway::start_on("postgres://u:p@database.invalid/todo?sslmode=disable").await;
    let mut slowest = Duration::ZERO;
    for request in [Request::list("ann"), Request::list("ann")] {
        slowest = slowest.max(be_refused(&api, request).await);
    }
    // Connecting, name resolution included, fails after five seconds: once in init and once in the
    // request.
    assert!(slowest < Duration::from_secs(12), "{slowest:?}");
    println!(
        "| the name cannot be resolved | Direct | 503: 2 | {} | - | 2 | 0 | 0 |",
        slowest.as_millis()
    );
}
