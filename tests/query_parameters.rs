//! Parameters that an operation does not have, and how those that it has are written in a URL.

use serde_json::json;

use crate::harness::{Gateway, Handlers, Request, TestDatabase};

#[tokio::test]
async fn a_misspelt_filter_is_refused_and_the_nearest_parameter_is_named() {
    let api = Handlers::start().await;
    api.create("ann", "t").await;
    for (query, unknown, nearest) in [
        ("stauts=completed", "stauts", "status"),
        ("Status=completed", "Status", "status"),
        ("tag[]=x", "tag[]", "tag"),
        ("tag%5B%5D=x&tag%5B%5D=y", "tag[]", "tag"),
        ("tags=x", "tags", "tag"),
        ("due-before=2026-12-01", "due-before", "due_before"),
        ("timezone=Europe/Berlin", "timezone", "time_zone"),
        ("priorities=high&status=all", "priorities", "priority"),
        ("%20limit=1", " limit", "limit"),
        ("curser=x", "curser", "cursor"),
    ] {
        let answer = api.send(Request::list("ann").query(query)).await;
        let expected =
            format!("{unknown} is not a parameter of this operation; the nearest is `{nearest}`");
        assert_eq!(answer.invalid_fields(), [expected], "{query}");
    }
    let far = api.send(Request::list("ann").query("offset=10")).await;
    let wrong = far.invalid_fields();
    assert!(
        wrong[0].starts_with("offset is not a parameter of this operation; "),
        "{wrong:?}"
    );
}

#[tokio::test]
async fn every_wrong_parameter_is_named_known_or_not() {
    let api = Handlers::start().await;
    let query = "status=done&stauts=done&page=2&limit=0";
    let wrong = api
        .send(Request::list("ann").query(query))
        .await
        .invalid_fields();
    let names: Vec<_> = wrong
        .iter()
        .map(|wrong| wrong.split(' ').next().unwrap())
        .collect();
    assert_eq!(names, ["status", "limit", "page", "stauts"], "{wrong:?}");
}

#[tokio::test]
async fn no_operation_takes_a_parameter_that_it_does_not_have() {
    let api = Handlers::start().await;
    let id = api.create("ann", "t").await;
    for request in Request::all("ann", &id) {
        let (method, operation) = (request.method, request.operation);
        let query = format!("{}&fields=title", request.query);
        let answer = api.send(request.query(&query)).await;
        let wrong = answer.invalid_fields();
        let expected = "fields is not a parameter of this operation";
        assert!(
            wrong.len() == 1 && wrong[0].starts_with(expected),
            "{method} {operation}: {wrong:?}"
        );
    }
    let task = api.send(Request::get("ann", &id)).await.expect(200);
    assert_eq!(
        (&task["title"], &task["completed"]),
        (&json!("t"), &json!(false))
    );
}

#[tokio::test]
async fn a_parameter_against_caches_is_ignored_by_every_operation() {
    let api = Handlers::start().await;
    let id = api.create("ann", "t").await;
    for request in Request::all("ann", &id) {
        let operation = request.operation;
        let query = format!("{}&_=1764342000&_rsc=a&__a=", request.query);
        let answer = api.send(request.query(&query)).await;
        assert!(answer.status < 300, "{operation}: {answer:?}");
    }
}

#[tokio::test]
async fn health_checks_and_pages_take_any_query() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    for path in [
        "/health?cachebust=1",
        "/health/database?x",
        "/docs?v=2",
        "/openapi.json?v=2",
    ] {
        assert_eq!(api.http("GET", path, &[]).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn an_error_about_unknown_parameters_stays_small() {
    let api = Handlers::start().await;
    let many: Vec<_> = (0..2000).map(|number| format!("p{number}=1")).collect();
    let long = format!("{}=1", "x".repeat(5000));
    for query in [many.join("&"), long] {
        let answer = api.send(Request::list("ann").query(&query)).await;
        answer.problem(400);
        assert!(answer.body.len() < 8 * 1024, "{}", answer.body.len());
    }
}

#[tokio::test]
async fn a_plus_that_is_not_encoded_is_explained() {
    let api = Handlers::start().await;
    let time = "2026-12-01T09:30:00+02:00";
    for name in [
        "due_after",
        "due_before",
        "created_after",
        "created_before",
        "updated_after",
        "updated_before",
    ] {
        let wrong = api
            .send(Request::list("ann").query(&format!("{name}={time}")))
            .await;
        let expected =
            format!("{name} has a space where a `+` belongs: in a URL, write `+` as `%2B`");
        assert_eq!(wrong.invalid_fields(), [expected]);
        let encoded = format!("{name}={}", time.replace('+', "%2B"));
        api.send(Request::list("ann").query(&encoded))
            .await
            .expect(200);
    }
    let zone = api
        .send(Request::summarize("ann").query("time_zone=Etc/GMT+5"))
        .await;
    assert!(zone.invalid_fields()[0].contains("`%2B`"), "{zone:?}");
    let other = api
        .send(Request::list("ann").query("due_after=2026-12-01%2009:30"))
        .await;
    assert!(!other.invalid_fields()[0].contains("%2B"), "{other:?}");
}

#[tokio::test]
async fn a_time_may_be_finer_than_a_microsecond() {
    let api = Handlers::start().await;
    let body = json!({"title": "t", "due": "2026-12-01T09:30:00.123456Z"});
    api.send(Request::create("ann").json(&body))
        .await
        .expect(201);
    for (query, found) in [
        ("due_after=2026-12-01T09:30:00.1234569Z", 1),
        ("due_after=2026-12-01T09:30:00.123457000Z", 0),
        ("due_before=2026-12-01T09:30:00.123457999Z", 1),
        ("due_before=2026-12-01T10:30:00.123456999%2B01:00", 0),
    ] {
        let list = api
            .send(Request::list("ann").query(query))
            .await
            .expect(200);
        assert_eq!(list.as_array().unwrap().len(), found, "{query}");
    }
}
