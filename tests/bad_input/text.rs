//! Text from clients is stored and sent back as text: it changes neither a statement nor a header.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use crate::harness::{Handlers, Request, event};

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

const TEXTS: [&str; 12] = [
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

#[tokio::test]
async fn text_is_never_interpreted() {
    let api = Handlers::start().await;
    for text in TEXTS {
        let body = json!({"title": text, "description": text, "tags": [text]});
        let created = api.send(Request::create("ann").json(&body)).await;
        let task = created.expect(201);
        let stored = api
            .send(Request::get("ann", task["id"].as_str().unwrap()))
            .await
            .expect(200);
        assert_eq!(stored, task);
        let trimmed = text.trim();
        assert_eq!(stored["title"], trimmed);
        assert_eq!(stored["description"], text);
        assert_eq!(stored["tags"], json!([trimmed]));
        let tag = utf8_percent_encode(trimmed, NON_ALPHANUMERIC);
        let found = api
            .send(Request::list("ann").query(&format!("tag={tag}&q={tag}")))
            .await
            .expect(200);
        assert_eq!(found, json!([stored]), "{text}");
    }
    let list = api.send(Request::list("ann")).await.expect(200);
    assert_eq!(list.as_array().unwrap().len(), TEXTS.len());
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
