use std::net::SocketAddr;

use axum::http::Request;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::event::{Reception, event};
use super::routes::RouteTable;
use crate::template::Route;

/// The event of a request to `POST /api/v1/{user_id}/tasks`.
fn event_of(request: Request<&[u8]>) -> Value {
    let (parts, body) = request.into_parts();
    let route = Route {
        method: "POST".into(),
        path: "/api/v1/{user_id}/tasks".into(),
        function: "create-task".into(),
    };
    let routes = RouteTable::new(&[route]).unwrap();
    let found = routes.find("POST", parts.uri.path()).unwrap();
    let reception = Reception {
        parts: &parts,
        peer: SocketAddr::from(([127, 0, 0, 1], 50_000)),
        port: 9000,
        request_id: "JKJaXmPLvHcESHA=",
        trace: "Root=1-5e6722a7-cc56xmpl46db7ae02d4da47e",
        time: "2020-03-12T19:03:58.390Z".parse::<Timestamp>().unwrap(),
    };
    event(&reception, body, &found)
}

fn with_body(content_type: Option<&str>, body: &'static [u8]) -> Value {
    let mut request = Request::post("/api/v1/demo/tasks");
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    event_of(request.body(body).unwrap())
}

#[test]
fn a_request_becomes_an_event_of_format_2() {
    let request = Request::post("/api/v1/auth0%7C5f7/tasks?status=all&status=done&q=a+b%26c&flag")
        .header("Host", "127.0.0.1:9000")
        .header("User-Agent", "curl/8")
        .header("Content-Type", "application/json")
        .header("Connection", "keep-alive")
        .header("X-Two", "1")
        .header("X-Two", "2")
        .header("Cookie", "a=1; b=2")
        .header("X-Forwarded-For", "203.0.113.9")
        .body(br#"{"title":"x"}"#.as_slice())
        .unwrap();

    assert_eq!(event_of(request), expected_event());
}

/// The event of the request above.
fn expected_event() -> Value {
    json!({
        "version": "2.0",
        "routeKey": "POST /api/v1/{user_id}/tasks",
        "rawPath": "/api/v1/auth0|5f7/tasks",
        "rawQueryString": "status=all&status=done&q=a+b%26c&flag",
        "headers": {
            "content-type": "application/json",
            "host": "127.0.0.1:9000",
            "user-agent": "curl/8",
            "x-amzn-trace-id": "Root=1-5e6722a7-cc56xmpl46db7ae02d4da47e",
            "x-forwarded-for": "203.0.113.9, 127.0.0.1",
            "x-forwarded-port": "9000",
            "x-forwarded-proto": "http",
            "x-two": "1,2",
        },
        "queryStringParameters": { "status": "all,done", "q": "a b&c", "flag": "" },
        "pathParameters": { "user_id": "auth0|5f7" },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "local",
            "domainName": "127.0.0.1",
            "domainPrefix": "127",
            "http": {
                "method": "POST",
                "path": "/api/v1/auth0|5f7/tasks",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "curl/8",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "POST /api/v1/{user_id}/tasks",
            "stage": "$default",
            "time": "12/Mar/2020:19:03:58 +0000",
            "timeEpoch": 1_584_039_838_390_i64,
        },
        "body": r#"{"title":"x"}"#,
        "isBase64Encoded": false,
    })
}

#[test]
fn absent_parts_are_absent_from_the_event() {
    let event = with_body(None, b"");

    for field in ["queryStringParameters", "body"] {
        assert_eq!(event.get(field), None, "{field}");
    }
    assert_eq!(event["rawQueryString"], "");
    assert_eq!(event["isBase64Encoded"], false);
}

#[test]
fn only_a_body_with_a_text_type_is_text() {
    let cases = [
        (Some("application/json; charset=utf-8"), "hi", false),
        (Some("TEXT/plain"), "hi", false),
        (Some("application/merge-patch+json"), "aGk=", true),
        (Some("application/x-www-form-urlencoded"), "aGk=", true),
        (None, "aGk=", true),
    ];

    for (content_type, body, is_base64_encoded) in cases {
        let event = with_body(content_type, b"hi");
        assert_eq!(event["body"], body, "{content_type:?}");
        assert_eq!(
            event["isBase64Encoded"], is_base64_encoded,
            "{content_type:?}"
        );
    }
    assert_eq!(
        with_body(Some("text/plain"), b"\xff")["isBase64Encoded"],
        true
    );
}
