//! The most important uses of the API, over HTTP, with the real binaries.

mod browsers;

use serde_json::{Value, json};

use crate::harness::{Gateway, Request, TestDatabase, every_migration, token};

#[tokio::test]
async fn a_task_goes_through_its_whole_life() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;

    let task = create_and_follow_location(&api).await;
    let id = task["id"].as_str().unwrap();
    let list = api.send(Request::list("ann")).await.expect(200);
    assert_eq!(list, json!([task]));

    let put = Request::put("ann", id).json(&json!({"description": "Oat"}));
    let put = api.send(put).await.expect(200);
    assert_eq!(
        (&put["title"], &put["description"]),
        (&json!("Buy milk"), &json!("Oat"))
    );
    let patch = Request::patch("ann", id)
        .body(r#"{"title":"Buy oat milk","description":null}"#)
        .header("content-type", "application/merge-patch+json");
    let patch = api.send(patch).await.expect(200);
    assert_eq!(
        (&patch["title"], &patch["description"]),
        (&json!("Buy oat milk"), &json!(null))
    );

    let done = Request::complete("ann", id).json(&json!({"completed": true}));
    let done = api.send(done).await.expect(200);
    assert_eq!(done["completed"], true);
    let completed = Request::list("ann").query("status=completed");
    assert_eq!(api.send(completed).await.expect(200), json!([done]));
    let toggled = api.send(Request::complete("ann", id)).await.expect(200);
    assert_eq!(toggled["completed"], false);

    assert_eq!(api.send(Request::delete("ann", id)).await.status, 204);
    api.send(Request::get("ann", id)).await.problem(404);
}

/// Creates a task and gets it from the address in `Location`.
async fn create_and_follow_location(api: &Gateway) -> Value {
    let create = Request::create("ann").json(&json!({"title": "Buy milk"}));
    let created = api.send(create).await;
    let task = created.expect(201);
    assert_eq!(created.header("content-type"), Some("application/json"));
    assert_eq!(created.header("cache-control"), Some("no-store"));
    let location = created.header("location").unwrap();
    let bearer = format!("Bearer {}", token("ann"));
    let found = api
        .http("GET", location, &[("authorization", &bearer)])
        .await;
    assert_eq!(found.expect(200), task);
    task
}

#[tokio::test]
async fn nobody_else_gets_in() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    let id = api.create("ann", "hers").await;
    for request in Request::every_operation("ann", &id) {
        let anonymous = api.send(request.clone().anonymous()).await;
        anonymous.problem(401);
        assert_eq!(
            anonymous.header("www-authenticate"),
            Some("Bearer realm=\"tasks\"")
        );
        api.send(request.clone().token(&token("bob")))
            .await
            .problem(403);
        let twice = request.header("authorization", &format!("Bearer {}", token("ann")));
        api.send(twice).await.problem(400);
    }
    api.send(Request::get("bob", &id)).await.problem(404);
    api.send(Request::get("ann", &id)).await.expect(200);
}

#[tokio::test]
async fn user_ids_pass_through_the_path_percent_encoded() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    for user_id in [
        "auth0|5f7",
        "me@example.com",
        "a/b",
        "with space",
        "100%",
        "%41",
        "ü",
        "a+b",
        "?#",
    ] {
        let id = api.create(user_id, "t").await;
        assert_eq!(
            api.send(Request::get(user_id, &id)).await.expect(200)["user_id"],
            user_id
        );
    }
}

#[tokio::test]
async fn invalid_input_is_explained() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    let answer = api
        .send(Request::create("ann").json(&json!({"title": "", "done": true})))
        .await;
    assert_eq!(
        answer.invalid_fields(),
        ["/title must not be empty", "/done is not a field of a task"]
    );
    let form = Request::create("ann")
        .body("title=x")
        .header("content-type", "application/x-www-form-urlencoded");
    api.send(form).await.problem(415);
    let large = json!({"title": "t", "description": "x".repeat(300_000)});
    api.send(Request::create("ann").json(&large))
        .await
        .problem(413);
    api.send(Request::create("ann").body(*b"{\"title\": \"\xff\"}"))
        .await
        .problem(400);
}

#[tokio::test]
async fn health_needs_no_token() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    for path in ["/health", "/health/database"] {
        let health = api.http("GET", path, &[]).await.expect(200);
        assert_eq!(
            (&health["status"], &health["database"]),
            (&json!("healthy"), &json!("connected"))
        );
    }
}

#[tokio::test]
async fn a_request_without_a_route_is_not_found() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/api/v1/ann"),
        ("DELETE", "/api/v1/ann/tasks"),
        ("GET", "/migrate"),
    ] {
        let problem = api.http(method, path, &[]).await.problem(404);
        assert_eq!(problem["type"], "about:blank", "{path}");
    }
}

#[tokio::test]
async fn the_deployment_migrates_by_invoking_a_function() {
    let database = TestDatabase::create_empty().await;
    let api = Gateway::start(&database).await;
    let report = api.server.invoke("migrate", json!({})).await.unwrap();
    assert_eq!(report, json!({"applied": every_migration()}));
    assert_eq!(
        api.server.invoke("migrate", json!({})).await.unwrap(),
        json!({"applied": []})
    );
    api.create("ann", "stored").await;
}

#[tokio::test]
async fn concurrent_requests_are_served_by_several_environments() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    let creates = (0..20)
        .map(|number| api.send(Request::create("ann").json(&json!({"title": number.to_string()}))));
    for answer in futures_util::future::join_all(creates).await {
        answer.expect(201);
    }
    assert_eq!(
        api.send(Request::list("ann"))
            .await
            .expect(200)
            .as_array()
            .unwrap()
            .len(),
        20
    );
    assert!(api.server.environments("create-task").len() > 1);
}

#[tokio::test]
async fn an_invalid_configuration_stops_the_cold_start_and_names_every_error() {
    let api = Gateway::start_on("mysql://somewhere").await;
    let answer = api.send(Request::list("ann")).await;
    assert_eq!(
        answer.expect(500),
        json!({"message": "Internal Server Error"})
    );
    let log = api.log().join("\n");
    assert!(
        log.contains("DATABASE_URL must begin with postgres:// or postgresql://"),
        "{log}"
    );
}
