//! What browsers may do from another origin (CORS).

use local::template::Template;

use crate::harness::{Gateway, Reply, TestDatabase, root};

#[tokio::test]
async fn browsers_may_call_only_from_the_allowed_origin() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    let ask = [
        ("access-control-request-method", "PUT"),
        ("access-control-request-headers", "authorization"),
    ];
    for (origin, allowed) in [
        ("http://localhost:3000", Some("http://localhost:3000")),
        ("https://evil.example", None),
    ] {
        let preflight = [&[("origin", origin)], &ask[..]].concat();
        let preflight = api.http("OPTIONS", "/api/v1/ann/tasks/1", &preflight).await;
        assert_eq!(
            (
                preflight.status,
                preflight.header("access-control-allow-origin")
            ),
            (204, allowed)
        );
        let health = api.http("GET", "/health", &[("origin", origin)]).await;
        assert_eq!(
            (health.status, health.header("access-control-allow-origin")),
            (200, allowed)
        );
    }
}

/// The values of a header, which are separated by commas.
fn list(answer: &Reply, name: &str) -> Vec<String> {
    let value = answer.header(name).unwrap();
    value.split(',').map(str::to_owned).collect()
}

#[tokio::test]
async fn browsers_may_send_what_tracing_libraries_add_and_read_a_files_name() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    let origin = ("origin", "http://localhost:3000");
    let ask = [origin, ("access-control-request-method", "GET")];
    let preflight = api.http("OPTIONS", "/api/v1/ann/export", &ask).await;
    let headers = list(&preflight, "access-control-allow-headers");
    for name in [
        "authorization",
        "baggage",
        "content-type",
        "idempotency-key",
        "if-match",
        "if-none-match",
        "sentry-trace",
        "traceparent",
        "tracestate",
    ] {
        assert!(headers.contains(&name.to_owned()), "{name}: {headers:?}");
    }
    let methods = list(&preflight, "access-control-allow-methods");
    assert!(methods.contains(&"HEAD".to_owned()), "{methods:?}");
    let answer = api.http("GET", "/health", &[origin]).await;
    let exposed = list(&answer, "access-control-expose-headers");
    assert!(
        exposed.contains(&"content-disposition".to_owned()),
        "{exposed:?}"
    );

    let own = |name: &str| (name == "CorsAllowedHeaders").then(|| "authorization,x-own".to_owned());
    let template = Template::read(&root().join("template.yaml"), own).unwrap();
    assert_eq!(
        template.cors.unwrap().allow_headers,
        ["authorization", "x-own"]
    );
}
