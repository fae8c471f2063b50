//! The body as a whole: its size, its media type, and whether it is JSON.

use serde_json::json;

use crate::harness::{Handlers, Request};

#[tokio::test]
async fn an_error_is_not_much_larger_than_its_cause() {
    let api = Handlers::start().await;
    let names: Vec<_> = (0..10_000)
        .map(|number| format!("\"{number}\":1,"))
        .collect();
    for body in ["\"a\":1,".repeat(40_000), names.concat()] {
        let answer = api
            .send(Request::create("ann").body(format!("{{{body}\"title\":\"t\"}}")))
            .await;
        answer.problem(400);
        assert!(answer.body.len() < 32 * 1024, "{}", answer.body.len());
    }
}

#[tokio::test]
async fn a_compressed_body_is_not_supported() {
    let api = Handlers::start().await;
    let request = Request::create("ann")
        .json(&json!({"title": "t"}))
        .header("content-encoding", "gzip");
    let problem = api.send(request).await.problem(415);
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("Content-Encoding: gzip"),
        "{problem}"
    );
}

#[tokio::test]
async fn a_repeated_field_is_refused() {
    let api = Handlers::start().await;
    let request = Request::create("ann").body(r#"{"title": "a", "title": "b"}"#);
    assert_eq!(
        api.send(request).await.invalid_fields(),
        ["/title must be given only once"]
    );
}

#[tokio::test]
async fn a_body_that_is_not_a_json_object_is_malformed() {
    let api = Handlers::start().await;
    let deep = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
    for body in [
        "",
        " ",
        "{",
        "null",
        "7",
        "[]",
        "\"title\"",
        "{\"title\": \"t\"} x",
        "{'title': 't'}",
        "{\"title\": \"t\",}",
        "{\"title\": \"\\ud800\"",
        "{\"title\": NaN}",
        "{\"title\": 1e999}",
        "\u{feff}",
        "\u{feff}\u{feff}{}",
        &deep,
    ] {
        let request = Request::create("ann")
            .body(body)
            .header("content-type", "application/json");
        let problem = api.send(request).await.problem(400);
        assert_eq!(
            problem["type"], "/docs/problems#malformed-body",
            "{body:?}: {problem}"
        );
    }
    let invalid_utf8 = Request::create("ann").body(*b"{\"title\": \"\xff\"}");
    assert_eq!(
        api.send(invalid_utf8).await.problem(400)["type"],
        "/docs/problems#malformed-body"
    );
}

#[tokio::test]
async fn a_body_larger_than_any_task_is_too_large() {
    let api = Handlers::start().await;
    let body = json!({"title": "t", "description": "x".repeat(256 * 1024)});
    let problem = api
        .send(Request::create("ann").json(&body))
        .await
        .problem(413);
    assert_eq!(
        problem["detail"],
        "The body must have at most 262144 bytes."
    );
}

#[tokio::test]
async fn only_json_is_supported() {
    let api = Handlers::start().await;
    for content_type in [
        "application/json",
        "application/JSON; charset=utf-8",
        "application/merge-patch+json",
    ] {
        let request = Request::create("ann")
            .body(r#"{"title": "t"}"#)
            .header("content-type", content_type);
        api.send(request).await.expect(201);
    }
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonp",
        "json",
        "",
    ] {
        let request = Request::create("ann")
            .body(r#"{"title": "t"}"#)
            .header("content-type", content_type);
        api.send(request).await.problem(415);
    }
    api.send(Request::create("ann").body(r#"{"title": "no content type"}"#))
        .await
        .expect(201);
}

#[tokio::test]
async fn a_byte_order_mark_before_the_body_is_ignored() {
    let api = Handlers::start().await;
    let id = api.create("ann", "t").await;
    let task = "\u{feff}{\"title\": \"\u{feff}marked\"}";
    let batch =
        "\u{feff}{\"operations\": [{\"operation\": \"create\", \"task\": {\"title\": \"b\"}}]}";
    for (request, status, body) in [
        (Request::create("ann"), 201, task),
        (Request::put("ann", &id), 200, task),
        (Request::patch("ann", &id), 200, task),
        (Request::batch_of("ann"), 200, batch),
    ] {
        let request = request
            .body(body)
            .header("content-type", "application/json");
        let answer = api.send(request).await.expect(status);
        if body == task {
            assert_eq!(answer["title"], "\u{feff}marked");
        }
    }
}

#[tokio::test]
async fn half_of_a_character_is_refused_in_its_field() {
    let api = Handlers::start().await;
    let id = api.create("ann", "t").await;
    let rule = "must not contain an unpaired surrogate, which is half of a character";
    let task = r#"{"title": "cut \ud83e", "description": "\udd80\ud83e", "tags": ["a", "\ud83e\ud83e\udd80"],
                   "due": "\ud800", "priority": "\udfff", "id": "\ud800", "colour": 1}"#;
    let fields = [
        "/title",
        "/description",
        "/priority",
        "/due",
        "/tags/1",
        "/id",
    ];
    for request in [
        Request::create("ann"),
        Request::put("ann", &id),
        Request::patch("ann", &id),
    ] {
        let request = request
            .body(task)
            .header("content-type", "application/json");
        let mut expected = fields.map(|field| format!("{field} {rule}")).to_vec();
        expected.push("/colour is not a field of a task".to_owned());
        assert_eq!(api.send(request).await.invalid_fields(), expected);
    }
    let batch = r#"{"operations": [{"operation": "create", "task": {"title": "\ud83e"}}]}"#;
    let batch = Request::batch_of("ann").body(batch);
    assert_eq!(
        api.send(batch).await.invalid_fields(),
        [format!("/operations/0/task/title {rule}")]
    );
    let whole = Request::create("ann").body(r#"{"title": "\ud83e\udd80 \\ud83e"}"#);
    assert_eq!(api.send(whole).await.expect(201)["title"], "🦀 \\ud83e");
}
