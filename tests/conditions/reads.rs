//! Conditions of `GET` and `HEAD`.

use serde_json::json;

use super::{create, id, tag};
use crate::harness::{Gateway, Handlers, Request, TestDatabase, token};

#[tokio::test]
async fn an_answer_that_the_client_already_has_is_not_sent_again() {
    let api = Handlers::start().await;
    let (task, current) = create(&api).await;
    let list = tag(&api.send(Request::list("ann")).await);
    for (request, current) in [
        (Request::get("ann", id(&task)), &current),
        (Request::list("ann"), &list),
    ] {
        for condition in [
            current.clone(),
            format!("W/{current}"),
            format!("\"x\", {current}"),
            "*".into(),
        ] {
            let answer = api
                .send(request.clone().header("if-none-match", &condition))
                .await;
            assert_eq!(
                (answer.status, answer.body.as_str()),
                (304, ""),
                "{condition}"
            );
            assert_eq!(&tag(&answer), current);
        }
        api.send(request.header("if-none-match", "\"other\""))
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn an_answer_other_than_the_one_that_the_client_requires_is_not_sent() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    let id = api.create("ann", "t").await;
    require_tags(&api, &format!("/api/v1/ann/tasks/{id}")).await;
    require_tags(&api, "/api/v1/ann/tasks").await;
    for (condition, status) in [("*", 200), ("\"other\"", 412)] {
        let answer = api.http("GET", "/docs", &[("if-match", condition)]).await;
        assert_eq!(answer.status, status, "{condition}");
    }
}

async fn require_tags(api: &Gateway, path: &str) {
    let bearer = format!("Bearer {}", token("ann"));
    let authorization = ("authorization", bearer.as_str());
    let tag = tag(&api.http("GET", path, &[authorization]).await);
    let weak = format!("W/{tag}");
    let several = format!("\"other\", {tag}");
    for (condition, status) in [
        (tag.as_str(), 200),
        (several.as_str(), 200),
        ("*", 200),
        (weak.as_str(), 412),
        ("\"other\"", 412),
        ("other", 400),
    ] {
        let condition = ("if-match", condition);
        for method in ["GET", "HEAD"] {
            let answer = api.http(method, path, &[authorization, condition]).await;
            assert_eq!(answer.status, status, "{method} {path} {condition:?}");
        }
        if status == 412 {
            let both = [authorization, condition, ("if-none-match", "*")];
            let problem = api.http("GET", path, &both).await.problem(412);
            assert_eq!(problem["type"], "/docs/problems#precondition-failed");
        }
    }
}

#[tokio::test]
async fn a_cache_that_revalidates_keeps_the_content_type() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    let id = api.create("ann", "t").await;
    let authorization = format!("Bearer {}", token("ann"));
    for path in [
        format!("/api/v1/ann/tasks/{id}"),
        "/api/v1/ann/tasks".to_owned(),
        "/docs".to_owned(),
        "/docs/problems".to_owned(),
        "/docs/swagger-ui.css".to_owned(),
        "/openapi.json".to_owned(),
    ] {
        let authorization = ("authorization", authorization.as_str());
        let full = api.http("GET", &path, &[authorization]).await;
        assert_eq!(full.status, 200, "{path}");
        let tag = ("if-none-match", full.header("etag").unwrap());
        let fresh = api.http("GET", &path, &[authorization, tag]).await;
        assert_eq!((fresh.status, fresh.body.as_str()), (304, ""), "{path}");
        for name in ["content-type", "cache-control", "etag", "vary"] {
            assert_eq!(fresh.header(name), full.header(name), "{name} of {path}");
        }
    }
}

#[tokio::test]
async fn the_tag_of_a_list_moves_with_everything_the_list_shows() {
    let api = Handlers::start().await;
    let mut seen = vec![tag(&api.send(Request::list("ann")).await)];
    let (task, _) = create(&api).await;
    let other = api.create("ann", "other").await;
    let mut moved = async |api: &Handlers, request: Request| {
        api.send(request).await;
        let now = tag(&api.send(Request::list("ann")).await);
        assert!(!seen.contains(&now), "{now}");
        seen.push(now);
    };
    moved(
        &api,
        Request::put("ann", id(&task)).json(&json!({"title": "u"})),
    )
    .await;
    moved(&api, Request::complete("ann", id(&task))).await;
    moved(&api, Request::delete("ann", &other)).await;
    moved(&api, Request::create("ann").json(&json!({"title": "t"}))).await;
    let counted = tag(&api.send(Request::list("ann").query("count=true")).await);
    assert!(!seen.contains(&counted));
}
