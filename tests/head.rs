//! `HEAD` wherever there is `GET`, and paths that end with a slash.

use crate::authentication::signed;
use crate::harness::{Gateway, Reply, Request, TestDatabase, openapi, token};

/// What differs between two answers to the same request, and the length, which API Gateway computes.
const VARYING: [&str; 4] = ["apigw-requestid", "connection", "content-length", "date"];

fn headers(answer: &Reply) -> Vec<(String, String)> {
    let mut headers = answer.headers.clone();
    headers.retain(|(name, _)| !VARYING.contains(&name.as_str()));
    headers.sort();
    headers
}

/// The paths that have this method in openapi.yaml, with a task and a file that exist.
fn paths(method: &str, task_id: &str) -> Vec<String> {
    let document = openapi();
    let paths = document["paths"].as_object().unwrap().iter();
    let having = paths.filter(|(_, item)| item.get(method).is_some());
    having
        .map(|(path, _)| {
            path.replace("{user_id}", "ann")
                .replace("{task_id}", task_id)
                .replace("{asset}", "site.css")
        })
        .collect()
}

#[tokio::test]
async fn head_is_answered_as_get_without_the_body() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    let id = api.create("ann", "t").await;
    let authorization = format!("Bearer {}", token("ann"));
    let authorization = ("authorization", authorization.as_str());
    let paths = paths("get", &id);
    assert!(paths.len() >= 10, "{paths:?}");
    for path in paths {
        for (query, header) in [
            ("", ("accept", "*/*")),
            ("", ("if-none-match", "*")),
            ("?stauts=pending", ("accept", "*/*")),
        ] {
            let path = format!("{path}{query}");
            let get = api.http("GET", &path, &[authorization, header]).await;
            let head = api.http("HEAD", &path, &[authorization, header]).await;
            assert_eq!(
                (head.status, head.body.as_str()),
                (get.status, ""),
                "{path}"
            );
            assert_eq!(headers(&head), headers(&get), "{path}");
            if query.is_empty() && header.0 == "accept" {
                assert_eq!(get.status, 200, "{path}");
                assert!(head.header("content-type").is_some(), "{path}");
            }
        }
    }
}

#[tokio::test]
async fn head_needs_what_get_needs() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    let expires = jiff::Timestamp::now().as_second() + 60;
    let claims = |scope: &str| serde_json::json!({"sub": "ann", "scope": scope, "exp": expires});
    for (token, status) in [
        (signed(&claims("tasks:read")), 200),
        (signed(&claims("tasks:write")), 200),
        (signed(&claims("tasks:other")), 403),
        (token("bob"), 403),
        ("nonsense".to_owned(), 401),
    ] {
        let mut request = Request::list("ann").token(&token);
        request.method = "HEAD";
        let answer = api.send(request).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (status, ""),
            "{token}"
        );
    }
}

#[tokio::test]
async fn a_slash_at_the_end_of_a_path_leads_to_the_path_without_it() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    let id = api.create("ann", "t").await;
    for method in ["get", "head", "post", "put", "patch", "delete"] {
        for path in paths(method, &id) {
            let method = method.to_uppercase();
            let plain = api.http(&method, &format!("{path}/"), &[]).await;
            assert_eq!(plain.status, 307, "{method} {path}");
            assert_eq!(plain.header("location"), Some(path.as_str()), "{method}");
            assert_eq!(plain.header("cache-control"), Some("no-store"));
            let query = "q=a%20%26%20b&tag=%C3%BC&tag=x";
            let slashed = api.http(&method, &format!("{path}/?{query}"), &[]).await;
            let expected = format!("{path}?{query}");
            assert_eq!(
                slashed.header("location"),
                Some(expected.as_str()),
                "{method}"
            );
        }
    }
}

#[tokio::test]
async fn a_request_with_a_slash_does_what_it_does_without_one_once_the_client_follows() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    let authorization = format!("Bearer {}", token("auth0|5f7"));
    let headers = [
        ("authorization", authorization.as_str()),
        ("origin", "http://localhost:3000"),
    ];
    let path = "/api/v1/auth0%7C5f7/tasks/?status=all&limit=2";

    let redirect = api.http("GET", path, &headers).await;
    let location = redirect.header("location").unwrap();
    assert_eq!(location, "/api/v1/auth0%7C5f7/tasks?limit=2&status=all");
    assert_eq!(
        redirect.header("access-control-allow-origin"),
        Some("http://localhost:3000")
    );
    assert_eq!(
        api.http("GET", location, &headers).await.expect(200),
        serde_json::json!([])
    );
}

#[tokio::test]
async fn no_path_is_redirected_to_another_host() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    for path in [
        "//evil.example/",
        "///evil.example/",
        "/%2Fevil.example/",
        "/%2F%2Fevil.example/",
    ] {
        assert_eq!(api.http("GET", path, &[]).await.status, 404, "{path}");
    }
    for (path, location) in [
        ("/%5Cevil.example/", "/%5Cevil.example"),
        ("/%0D%0Alocation:%20x/", "/%0D%0Alocation%3A%20x"),
    ] {
        let answer = api.http("GET", path, &[]).await;
        assert_eq!(answer.header("location"), Some(location), "{path}");
    }
}
