//! Known attacks, sent as raw bytes to the real binaries behind the emulated gateway. tests/fuzz.rs
//! generates more.

mod text;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{Gateway, TestDatabase, token};

const TASKS: &str = "/api/v1/ann/tasks";
const JSON: &str = "content-type: application/json\r\n";
const CHUNKED: &str = "transfer-encoding: chunked\r\n";

/// The status of an answer, its head in lower case, and its body.
struct Raw {
    status: u16,
    head: String,
    body: String,
}

/// Sends a request line, `ann`'s token, further header lines and a body, all byte for byte.
async fn send(api: &Gateway, line: &str, headers: &str, body: &[u8]) -> Raw {
    let mut socket = TcpStream::connect(api.server.url().trim_start_matches("http://"))
        .await
        .unwrap();
    let authorization = format!("authorization: Bearer {}", token("ann"));
    let head = format!(
        "{line} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{authorization}\r\n{headers}\r\n"
    );
    socket
        .write_all(&[head.as_bytes(), body].concat())
        .await
        .unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .unwrap_or_else(|| panic!("{line}: {answer:?}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Raw {
        status,
        head: head.to_lowercase(),
        body: body.to_owned(),
    }
}

async fn gateway() -> (TestDatabase, Gateway) {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    (database, api)
}

#[tokio::test]
async fn only_methods_in_the_contract_reach_an_operation() {
    let (_database, api) = gateway().await;
    for method in [
        "OPTIONS", "TRACE", "DELETE", "PUT", "PROPFIND", "QUERY", "get", "BREW",
    ] {
        let answer = send(&api, &format!("{method} {TASKS}"), "", b"").await;
        assert_eq!(answer.status, 404, "{method}");
        let problem: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(problem["title"], "Not Found", "{method}");
    }
    for method in ["CONNECT", "G\0T", "GET\t"] {
        let answer = send(&api, &format!("{method} {TASKS}"), "", b"").await;
        assert!(
            (400..405).contains(&answer.status),
            "{method}: {}",
            answer.head
        );
    }
    // A header that overrides the method is ignored.
    let answer = send(
        &api,
        &format!("GET {TASKS}"),
        "x-http-method-override: DELETE\r\n",
        b"",
    )
    .await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "[]"));
    assert!(
        api.request_lines()
            .iter()
            .all(|line| line["operation"] == "list-tasks" || line["operation"] == "docs"),
        "{:?}",
        api.request_lines()
    );
}

#[tokio::test]
async fn no_path_escapes_its_route() {
    let (_database, api) = gateway().await;
    api.create("ann", "t").await;
    for (path, status) in [
        ("/api/v1/ann/tasks/..%2f..%2f..%2fhealth", 404),
        ("/api/v1/ann/tasks/../../../health", 404),
        ("/api/v1/ann/tasks/%2e%2e", 404),
        ("/api/v1/ann/tasks/%00", 404),
        ("/api/v1/ann/tasks/a%00b", 404),
        ("/api/v1/ann/tasks/%ff%fe", 404),
        ("/api/v1/ann/tasks/'%20or%20'1'='1", 404),
        ("/api/v1/ann/tasks/%0d%0aset-cookie:%20a=b", 404),
        ("/api/v1/ann/tasks//", 404),
        ("/api/v1/ann/tasks/{task_id}", 404),
        ("/api/v1/bob%2f..%2fann/tasks", 403),
        ("/api/v1/ann%00/tasks", 403),
        ("/api/v1/ann%20/tasks", 403),
        ("/api/v1/%61nn/tasks", 200),
        ("/api/v1/%2561nn/tasks", 200),
        ("//api/v1/ann/tasks", 404),
        ("/docs/..%2f..%2fCargo.toml", 404),
        ("/docs/%2e%2e/%2e%2e/etc/passwd", 404),
    ] {
        let answer = send(&api, &format!("GET {path}"), "", b"").await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        assert!(
            !answer.head.contains("set-cookie"),
            "{path}: {}",
            answer.head
        );
    }
}

#[tokio::test]
async fn a_body_is_read_the_same_however_it_is_sent() {
    let (_database, api) = gateway().await;
    let body = b"{\"title\":\"\xf0\x9f\xa6\x80\"}";
    let length = format!("content-length: {}\r\n", body.len());
    let in_chunks = [
        &b"9\r\n"[..],
        &body[..9],
        b"\r\n7\r\n",
        &body[9..],
        b"\r\n0\r\n\r\n",
    ]
    .concat();
    // Without a content type, API Gateway passes the body on in base64.
    for (headers, sent) in [
        (format!("{JSON}{length}"), body.to_vec()),
        (length, body.to_vec()),
        (format!("{JSON}{CHUNKED}"), in_chunks),
    ] {
        let answer = send(&api, &format!("POST {TASKS}"), &headers, &sent).await;
        let task: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(
            (answer.status, &task["title"]),
            (201, &json!("🦀")),
            "{headers}"
        );
    }
    refuse_malformed_bodies(&api).await;
}

async fn refuse_malformed_bodies(api: &Gateway) {
    for (headers, sent) in [
        ("", &b""[..]),
        ("content-length: 0\r\n", b""),
        (CHUNKED, b"0\r\n\r\n"),
        (CHUNKED, b"zz\r\n{}\r\n0\r\n\r\n"),
        ("content-length: -1\r\n", b"{}"),
        ("content-length: 2\r\ncontent-length: 3\r\n", b"{}"),
        ("content-length: 4\r\n", b"{}\r\n"),
    ] {
        let headers = format!("{JSON}{headers}");
        let answer = send(api, &format!("POST {TASKS}"), &headers, sent).await;
        assert!(
            (400..500).contains(&answer.status),
            "{headers}: {}",
            answer.status
        );
    }
}

#[tokio::test]
async fn conflicting_length_headers_do_not_smuggle_a_request() {
    let (_database, api) = gateway().await;
    let smuggled = format!(
        "0\r\n\r\nDELETE /api/v1/ann?confirm=ann HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\r\n",
        token("ann")
    );
    let headers = format!(
        "content-type: application/json\r\ncontent-length: {}\r\ntransfer-encoding: chunked\r\n",
        smuggled.len()
    );
    let answer = send(
        &api,
        &format!("POST {TASKS}"),
        &headers,
        smuggled.as_bytes(),
    )
    .await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert!(
        api.request_lines()
            .iter()
            .all(|line| line["operation"] == "create-task"),
        "{:?}",
        api.request_lines()
    );
}
