//! The emulated API Gateway, over HTTP.

#![cfg(test)]

mod fixtures;

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request};
use fixtures::probe::server_with_log;
use fixtures::{http, probes, until};
use local::gateway::BODY_LIMIT;
use local::lambda::EVENT_LIMIT;
use local::template::Template;
use local::{Server, ServerOptions};
use serde_json::{Value, json};

const TEMPLATE: &str = r#"
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      CorsConfiguration:
        AllowOrigins: ["http://localhost:3000"]
        AllowMethods: [GET]
        ExposeHeaders: [location]
  Probe:
    Type: AWS::Serverless::Function
    Metadata: { BuildProperties: { Binary: probe } }
    Properties:
      Timeout: 5
      Events:
        Get: { Type: HttpApi, Properties: { Method: GET, Path: "/users/{id}" } }
        Post: { Type: HttpApi, Properties: { Method: POST, Path: /users } }
"#;

fn options() -> ServerOptions {
    let template = Template::parse(TEMPLATE, |_| None).unwrap();
    ServerOptions::new(template, probes())
}

async fn get(server: &Server, path: &str) -> http::Response {
    http::get(format!("{}{path}", server.url())).await.unwrap()
}

/// Status and JSON body.
fn read(response: &http::Response) -> (u16, Value) {
    (response.status().as_u16(), http::json(response))
}

#[tokio::test]
async fn a_request_reaches_its_function_as_an_event_and_the_response_comes_back() {
    let server = Server::start(options()).await.unwrap();

    let response = get(&server, "/users/a%2Fb?q=1").await;

    let request_id = response.headers()["apigw-requestid"]
        .to_str()
        .unwrap()
        .to_owned();
    let (status, body) = read(&response);
    let event = &body["event"];
    assert_eq!(status, 200);
    assert_eq!(event["routeKey"], "GET /users/{id}");
    assert_eq!(event["pathParameters"], json!({ "id": "a/b" }));
    assert_eq!(event["requestContext"]["requestId"], request_id.as_str());
    let trace = event["headers"]["x-amzn-trace-id"].as_str().unwrap();
    assert!(body["trace"].as_str().unwrap().starts_with(trace), "{body}");
}

#[tokio::test]
async fn a_request_without_a_route_is_not_found() {
    let server = Server::start(options()).await.unwrap();
    let cases = [
        (Method::GET, "/nowhere"),
        (Method::DELETE, "/users"),
        (Method::GET, "/users/"),
        (Method::OPTIONS, "/users"),
    ];

    for (method, path) in cases {
        let request = Request::builder()
            .method(&method)
            .uri(format!("{}{path}", server.url()));
        let response = http::send(request, Body::empty()).await.unwrap();
        assert_eq!(response.headers()["content-type"], "application/json");
        assert_eq!(
            read(&response),
            (404, json!({ "message": "Not Found" })),
            "{method} {path}"
        );
    }
    assert!(server.environments("probe").is_empty());
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let server = Server::start(options()).await.unwrap();
    let post = async |length: usize| {
        let request =
            Request::post(format!("{}/users", server.url())).header("content-type", "text/plain");
        read(&http::send(request, "x".repeat(length)).await.unwrap())
    };

    let (status, body) = post(5_000_000).await;
    assert_eq!(
        (status, body["event"]["body"].as_str().unwrap().len()),
        (200, 5_000_000)
    );
    let refused = (413, json!({ "message": "Request Entity Too Large" }));
    assert_eq!(post(EVENT_LIMIT).await, refused);
    assert_eq!(post(BODY_LIMIT + 1).await, refused);
}

#[tokio::test]
async fn a_function_that_fails_is_an_internal_server_error() {
    let server = Server::start(options()).await.unwrap();

    for path in ["/users/1?exit=1", "/users/1?fail=yes"] {
        let answer = read(&get(&server, path).await);
        assert_eq!(
            answer,
            (500, json!({ "message": "Internal Server Error" })),
            "{path}"
        );
    }
    assert_eq!(get(&server, "/users/1").await.status(), 200);
}

#[tokio::test]
async fn a_response_that_is_not_modelled_is_refused_and_the_log_says_why() {
    let (server, log) = server_with_log(options()).await;

    let answer = read(&get(&server, "/users/1?cookie=a").await);

    let log = log.lock().unwrap().join("\n");
    assert_eq!(answer.0, 500);
    assert!(
        log.contains("API Gateway: the response is refused: cookies are not modelled"),
        "{log}"
    );
}

#[tokio::test]
async fn a_redirect_leads_a_browser_from_a_path_that_is_not_a_route() {
    let redirects = ["/", "/users"].map(|path| (path.to_owned(), "/docs".to_owned()));
    let server = Server::start(ServerOptions {
        redirects: redirects.into(),
        ..options()
    })
    .await
    .unwrap();
    let post = Request::post(format!("{}/users", server.url()));

    let response = get(&server, "/").await;

    assert_eq!(
        (response.status().as_u16(), &response.headers()["location"]),
        (307, &"/docs".parse().unwrap())
    );
    assert_eq!(http::send(post, Body::empty()).await.unwrap().status(), 200);
    let delete = Request::delete(format!("{}/", server.url()));
    assert_eq!(
        http::send(delete, Body::empty()).await.unwrap().status(),
        404
    );
}

#[tokio::test]
async fn a_slow_or_throttled_function_is_unavailable() {
    let timeout = Duration::from_millis(300);
    let options = ServerOptions {
        integration_timeout: timeout,
        max_environments: 1,
        ..options()
    };
    let server = Server::start(options).await.unwrap();
    let unavailable = (503, json!({ "message": "Service Unavailable" }));

    assert_eq!(
        read(&get(&server, "/users/1?sleep=1000").await),
        unavailable,
        "slow"
    );
    assert_eq!(
        read(&get(&server, "/users/1").await),
        unavailable,
        "throttled"
    );
    until("it is idle", || server.environments("probe")[0].frozen).await;
    assert_eq!(get(&server, "/users/1").await.status(), 200);
}

#[tokio::test]
async fn the_gateway_handles_cors() {
    let server = Server::start(options()).await.unwrap();
    let send = async |method: Method, path: &str, origin: &str| {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", server.url()));
        let request = request
            .header("origin", origin)
            .header("access-control-request-method", "GET");
        http::send(request, Body::empty()).await.unwrap()
    };
    let allowed = "http://localhost:3000";

    let preflight = send(Method::OPTIONS, "/anywhere", allowed).await;
    assert_eq!(preflight.status(), 204);
    assert_eq!(preflight.headers()["access-control-allow-origin"], allowed);
    assert_eq!(preflight.headers()["access-control-allow-methods"], "GET");
    for path in ["/users/1", "/nowhere", "/users/1?exit=1"] {
        let answer = send(Method::GET, path, allowed).await;
        assert_eq!(
            answer.headers()["access-control-allow-origin"],
            allowed,
            "{path}"
        );
        assert_eq!(
            answer.headers()["access-control-expose-headers"],
            "location",
            "{path}"
        );
    }
    for method in [Method::OPTIONS, Method::GET] {
        let answer = send(method, "/users/1", "http://localhost:3001").await;
        assert!(answer.status().is_success());
        assert!(!answer.headers().contains_key("access-control-allow-origin"));
    }
}

#[tokio::test]
async fn a_client_that_disconnects_does_not_end_an_environment() {
    let server = Server::start(options()).await.unwrap();
    let request = http::get(format!("{}/users/1?sleep=600", server.url()));

    assert!(
        tokio::time::timeout(Duration::from_millis(250), request)
            .await
            .is_err()
    );
    assert!(!server.environments("probe")[0].frozen, "it has begun");
    until("it has ended", || server.environments("probe")[0].frozen).await;

    assert_eq!(get(&server, "/users/1").await.status(), 200);
    assert_eq!(server.environments("probe")[0].invocations, 2);
}
