//! Known attacks, sent as raw bytes to the real binaries behind the emulated gateway. tests/fuzz.rs
//! generates more.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{Gateway, Handlers, Request, TestDatabase, event, token};

const TASKS: &str = "/api/v1/ann/tasks";

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
    let post = format!("POST {TASKS}");
    let json = "content-type: application/json\r\n";
    let chunked = format!("{json}transfer-encoding: chunked\r\n");
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
        (format!("{json}{length}"), body.to_vec()),
        (length, body.to_vec()),
        (chunked.clone(), in_chunks),
    ] {
        let answer = send(&api, &post, &headers, &sent).await;
        let task: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(
            (answer.status, &task["title"]),
            (201, &json!("🦀")),
            "{headers}"
        );
    }
    for (headers, sent) in [
        (json.to_owned(), &b""[..]),
        (format!("{json}content-length: 0\r\n"), b""),
        (chunked.clone(), b"0\r\n\r\n"),
        (chunked, b"zz\r\n{}\r\n0\r\n\r\n"),
        (format!("{json}content-length: -1\r\n"), b"{}"),
        (
            format!("{json}content-length: 2\r\ncontent-length: 3\r\n"),
            b"{}",
        ),
        (format!("{json}content-length: 4\r\n"), b"{}\r\n"),
    ] {
        let status = send(&api, &post, &headers, sent).await.status;
        assert!((400..500).contains(&status), "{headers}: {status}");
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

#[tokio::test]
async fn an_invalid_address_is_answered_by_the_function() {
    let api = Handlers::start().await;
    for (place, text) in [
        ("host", "a:b"),
        ("host", ""),
        ("host", "[::1"),
        ("host", "a b"),
        ("x-forwarded-proto", "java script"),
        ("x-forwarded-proto", ""),
        ("rawQueryString", "q=\"milk\""),
        ("rawQueryString", "q={a|b}^<>\\"),
        ("rawQueryString", "q=\u{7f}é"),
        ("rawPath", "/api/v1/a b\"<>^{|}\\/tasks?#"),
    ] {
        let mut given = event(&Request::list("ann"));
        match place {
            "rawQueryString" | "rawPath" => given[place] = json!(text),
            _ => given["headers"][place] = json!(text),
        }
        let answer = api.give(&given).await;
        assert_eq!(answer.expect(200), json!([]), "{place}: {text}");
    }
}

#[tokio::test]
async fn text_is_never_interpreted() {
    let api = Handlers::start().await;
    let texts = [
        "'; drop table tasks; --",
        "$1 %s {0} ${jndi:ldap://x} {{7*7}}",
        "\r\nSet-Cookie: a=b\r\n\r\n<script>alert(1)</script>",
        "=cmd|' /C calc'!A0",
        "раypal.com",
        "a\u{200b}b\u{2060}c\u{feff}d",
        "\u{202e}txt.exe",
        "e\u{301} is not é",
        "Z\u{351}\u{36d}\u{30f}a\u{489}lgo",
        "\u{1}\u{1b}[31m\u{7f}\u{85}x",
        "\u{fffe}\u{10ffff}\u{e000}",
        "\"\\/\\u0000",
    ];
    for text in texts {
        let body = json!({"title": text, "description": text, "tags": [text]});
        let trimmed = text.trim();
        let created = api.send(Request::create("ann").json(&body)).await;
        let task = created.expect(201);
        let stored = api
            .send(Request::get("ann", task["id"].as_str().unwrap()))
            .await
            .expect(200);
        assert_eq!(stored, task);
        let expected = (json!(trimmed), json!(text), json!([trimmed]));
        assert_eq!(
            (
                stored["title"].clone(),
                stored["description"].clone(),
                stored["tags"].clone()
            ),
            expected
        );
        let tag =
            percent_encoding::utf8_percent_encode(trimmed, percent_encoding::NON_ALPHANUMERIC);
        let found = api
            .send(Request::list("ann").query(&format!("tag={tag}&q={tag}")))
            .await
            .expect(200);
        assert_eq!(found, json!([stored]), "{text}");
    }
    assert_eq!(
        api.send(Request::list("ann"))
            .await
            .expect(200)
            .as_array()
            .unwrap()
            .len(),
        texts.len()
    );
}

#[tokio::test]
async fn error_messages_inject_neither_headers_nor_markup() {
    let api = Handlers::start().await;
    let nasty = "</script>\r\nset-cookie: a=b";
    let field = Request::create("ann").json(&json!({"title": "t", nasty: 1}));
    let media = Request::create("ann")
        .body("{}")
        .header("content-type", "text/html\t<script>");
    let query = Request::list("ann").query("sort=%0d%0aset-cookie:%20a=b");
    for request in [field, media, query] {
        let answer = api.send(request).await;
        assert!(matches!(answer.status, 400 | 415), "{answer:?}");
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json")
        );
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("set-cookie"), None);
    }
}

#[tokio::test]
async fn a_user_id_with_line_breaks_stays_within_its_header() {
    let api = Handlers::start().await;
    let user = "ann\r\nset-cookie: a=b\r\n\u{2028}<x>; rel=\"next\"";
    let created = api
        .send(Request::create(user).json(&json!({"title": "t"})))
        .await;
    created.expect(201);
    api.create(user, "u").await;
    let list = api.send(Request::list(user).query("limit=1")).await;
    let (location, link) = (
        created.header("location").unwrap(),
        list.header("link").unwrap(),
    );
    assert!(
        location.starts_with("/api/v1/ann%0D%0Aset-cookie%3A%20a%3Db%0D%0A%E2%80%A8%3Cx%3E"),
        "{location}"
    );
    assert_eq!(link.matches('<').count(), 1, "{link}");
    assert_eq!(
        (created.header("set-cookie"), list.header("set-cookie")),
        (None, None)
    );
}
