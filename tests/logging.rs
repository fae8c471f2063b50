//! One line of JSON for each request: it says a lot and reveals no secret.

use serde_json::json;

use crate::harness::{Gateway, Request, Secrets, TestDatabase, token};

#[tokio::test]
async fn each_request_is_one_log_line_with_who_what_and_how_long() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    api.create("ann", "t").await;
    api.create("ann", "t").await;
    api.send(Request::list("bob").anonymous())
        .await
        .problem(401);

    let lines = api.request_lines();

    assert_eq!(lines.len(), 3, "{:#?}", api.log());
    let [first, second, refused] = &lines[..] else {
        unreachable!()
    };
    for (line, operation, status, cold_start) in [
        (first, "create-task", 201, true),
        (second, "create-task", 201, false),
        (refused, "list-tasks", 401, true),
    ] {
        assert_eq!(line["operation"], operation);
        assert_eq!(line["status"], status);
        assert_eq!(line["cold_start"], cold_start);
        assert_eq!(line["level"], "INFO");
        assert!(
            line["timestamp"].is_string() && line["request_id"].is_string(),
            "{line}"
        );
    }
    assert_eq!(
        (&first["subject"], refused.get("subject")),
        (&json!("ann"), None)
    );
    let (total, database) = (
        second["ms"].as_f64().unwrap(),
        second["database_ms"].as_f64().unwrap(),
    );
    assert!(0.0 < database && database <= total, "{second}");
    assert_eq!(refused["database_ms"], 0.0);
}

#[tokio::test]
async fn a_failure_is_logged_with_a_cause_that_the_client_never_sees() {
    let database = TestDatabase::create_empty().await;
    let api = Gateway::start(&database).await;
    let problem = api.send(Request::list("ann")).await.problem(500);
    assert!(!problem.to_string().contains("todo_app"), "{problem}");
    let lines = api.request_lines();
    assert_eq!(
        (&lines[0]["level"], &lines[0]["status"]),
        (&json!("ERROR"), &json!(500))
    );
    assert!(!lines[0]["cause"].as_str().unwrap().is_empty(), "{lines:?}");
}

/// Each test that uses the gateway ends by searching the log for these (tests/harness/secrets.rs).
#[test]
fn a_secret_in_a_log_is_detected() {
    let mut secrets = Secrets::default();
    let headers = [
        ("authorization", "Bearer eyJhbGciOi.payload.signature"),
        ("idempotency-key", "key-of-one"),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let body = json!({"title": "Buy \"milk\"", "operations": [{"task": {"tags": ["errands"]}}], "id": "no secret"});
    secrets.remember(
        "/tasks?q=oat+milk&status=pending",
        &headers,
        body.to_string().as_bytes(),
    );
    for leaking in [
        "x signature",
        "a key-of-one",
        r#"{"title":"Buy \"milk\""}"#,
        "[errands]",
        "\"oat milk\"",
    ] {
        assert!(secrets.leaked(&[leaking.to_owned()]).is_some(), "{leaking}");
    }
    assert_eq!(
        secrets.leaked(&["pending, no secret, Bearer".to_owned()]),
        None
    );
}

#[tokio::test]
async fn no_client_can_forge_a_log_line() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    let user = "ann\n{\"level\":\"ERROR\",\"message\":\"forged\"}\r\u{1b}[2J";
    api.create(user, "t").await;
    api.send(Request::list("bob").token(&token(user)))
        .await
        .problem(403);

    for line in api.log() {
        assert!(!line.contains(['\n', '\r', '\u{1b}']), "{line:?}");
        assert!(!line.starts_with("{\"level\""), "{line}");
    }
    let lines = api.request_lines();
    assert_eq!(
        lines
            .iter()
            .map(|line| &line["subject"])
            .collect::<Vec<_>>(),
        [&json!(user); 2]
    );
}

/// Sends `xyzzy` and `plugh` in every place for text from clients.
async fn send_secrets_everywhere(api: &Gateway) {
    let created = api
        .send(Request::create("ann").json(&json!({"title": "xyzzy", "description": "plugh"})))
        .await;
    let id = created.expect(201)["id"].as_str().unwrap().to_owned();
    for request in Request::every_operation("ann", &id) {
        api.send(request).await;
    }
    api.send(Request::create("ann").json(&json!({"title": ["xyzzy"], "plugh": 1})))
        .await
        .problem(400);
    let keyed = Request::create("ann").json(&json!({"title": "t", "tags": ["xyzzy"]}));
    api.send(keyed.header("idempotency-key", "plugh"))
        .await
        .expect(201);
    for query in ["q=xyzzy&tag=plugh", "cursor=xyzzy", "due_before=plugh"] {
        api.send(Request::list("ann").query(query)).await;
    }
    api.send(Request::export("ann")).await.expect(200);
    api.send(Request::erase("ann").query("confirm=xyzzy"))
        .await
        .problem(400);
}

#[tokio::test]
async fn tokens_titles_and_descriptions_are_never_logged() {
    let database = TestDatabase::create().await;
    // Libraries do not log them either, even at the most verbose level.
    let api = Gateway::start_with(&database.url(), &[("RUST_LOG", "trace")]).await;
    send_secrets_everywhere(&api).await;
    // The table rejects this, as it would a defect of the functions: PostgreSQL's DETAIL quotes the
    // row.
    let refuse = "alter table tasks add constraint refused check (title <> 'xyzzy')";
    database
        .superuser()
        .await
        .batch_execute(refuse)
        .await
        .unwrap();
    api.send(Request::create("ann").json(&json!({"title": "xyzzy", "description": "plugh"})))
        .await
        .problem(500);

    let log = api.log().join("\n");

    assert!(log.contains("\"operation\":\"create-task\""), "{log}");
    for secret in ["xyzzy", "plugh", &token("ann")[..40]] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}
