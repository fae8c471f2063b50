//! The fields and limits of a batch.

use serde_json::{Value, json};

use crate::harness::{Gateway, Handlers, Reply, Request, TestDatabase};

fn request(body: &Value) -> Request {
    Request::batch_of("ann").json(body)
}

fn create(title: &str) -> Value {
    json!({"operation": "create", "task": {"title": title}})
}

#[tokio::test]
async fn every_invalid_field_of_an_atomic_batch_is_named_and_nothing_changes() {
    let api = Handlers::start().await;
    let id = api.create("ann", "t").await;
    let batch = request(&json!({"operations": [
        create("fine"),
        {"operation": "create", "id": "mine", "task": {"title": "", "tags": ["a", "a"], "colour": 1}},
        {"operation": "create", "id": "00000000-0000-0000-0000-000000000000", "task": {"title": "t"}},
        {"operation": "create", "id": 7, "if_match": "*"},
        {"operation": "update", "task": [], "completed": true},
        {"operation": "update", "id": id, "if_match": "abc", "task": {"completed": null, "due": "soon"}},
        {"operation": "complete", "id": id, "completed": "yes", "task": {}},
        {"operation": "delete", "id": null, "if_match": 5},
        {"operation": "archive", "id": 5, "x": 1},
        {"id": id, "a/b": 1},
        "delete",
        {"operation": "delete", "id": id},
    ], "Atomic": false}));

    let wrong = api.send(batch).await.invalid_fields();

    assert_eq!(
        wrong,
        [
            "/Atomic is not a field of a batch",
            "/operations/1/id must be a UUID",
            "/operations/1/task/title must not be empty",
            "/operations/1/task/tags/1 must not be given twice",
            "/operations/1/task/colour is not a field of a task",
            "/operations/2/id must be a UUID",
            "/operations/3/id must be a string, not a number",
            "/operations/3/task is required",
            "/operations/3/if_match is not a field of an operation that creates",
            "/operations/4/id is required",
            "/operations/4/task must be an object, not an array",
            "/operations/4/completed is not a field of an operation that updates",
            "/operations/5/if_match must be `*` or entity tags in double quotes",
            "/operations/5/task/completed must be true or false, not null",
            "/operations/5/task/due must be a date such as `2026-12-01`, or a date-time with an offset such as \
             `2026-12-01T09:30:00+02:00`",
            "/operations/6/completed must be true or false, not a string",
            "/operations/6/task is not a field of an operation that completes",
            "/operations/7/id must be a string, not null",
            "/operations/7/if_match must be a string, not a number",
            "/operations/8/operation must be `create`, `update`, `complete` or `delete`",
            "/operations/8/x is not a field of an operation",
            "/operations/9/operation is required",
            "/operations/9/a~1b is not a field of an operation",
            "/operations/10 must be an object, not a string",
        ]
    );
    let list = api.send(Request::list("ann")).await.expect(200);
    assert_eq!(
        (list.as_array().unwrap().len(), &list[0]["id"]),
        (1, &json!(id))
    );
}

#[tokio::test]
async fn an_invalid_operation_in_a_non_atomic_batch_fails_alone() {
    let api = Handlers::start().await;
    let operations = json!([create(""), create("t"), {"operation": "fly"}, 5, create("u"), {"operation": "delete"}]);

    let answer = api
        .send(Request::batch("ann", false, &operations))
        .await
        .expect(200);

    let results = answer["results"].as_array().unwrap();
    let statuses: Vec<_> = results
        .iter()
        .map(|result| result["status"].as_u64().unwrap())
        .collect();
    assert_eq!(statuses, [400, 201, 400, 400, 201, 400]);
    let places = [0, 2, 3, 5].map(|index| {
        results[index]["problem"]["errors"][0]["pointer"]
            .as_str()
            .unwrap()
    });
    assert_eq!(
        places,
        [
            "/operations/0/task/title",
            "/operations/2/operation",
            "/operations/3",
            "/operations/5/id"
        ]
    );
    assert_eq!(
        results[0]["problem"]["detail"],
        "`operations/0/task/title` must not be empty."
    );
}

#[tokio::test]
async fn a_malformed_batch_is_refused_as_a_whole() {
    let api = Handlers::start().await;
    let many: Vec<_> = (0..101).map(|_| create("t")).collect();
    for (body, expected) in [
        (json!({}), "/operations is required"),
        (
            json!({"operations": null}),
            "/operations must be an array, not null",
        ),
        (
            json!({"operations": {}}),
            "/operations must be an array, not an object",
        ),
        (
            json!({"operations": []}),
            "/operations must have 1 to 100 operations, not 0",
        ),
        (
            json!({"operations": many, "atomic": false}),
            "/operations must have 1 to 100 operations, not 101",
        ),
        (
            json!({"operations": [create("t")], "atomic": 0}),
            "/atomic must be true or false, not a number",
        ),
        (
            json!({"operations": [create("t")], "title": "t"}),
            "/title is not a field of a batch",
        ),
    ] {
        assert_eq!(
            api.send(request(&body)).await.invalid_fields(),
            [expected],
            "{body}"
        );
    }
    for body in ["", "[]", "{\"operations\": ["] {
        let problem = api.send(request(&json!({})).body(body)).await.problem(400);
        assert_eq!(problem["type"], "/docs/problems#malformed-body");
    }
    assert_eq!(api.send(Request::list("ann")).await.expect(200), json!([]));
}

#[tokio::test]
async fn a_batch_may_have_up_to_three_million_bytes() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    // Characters of three bytes each; then as many bytes of quotation marks, each of which takes
    // four bytes in Lambda's event.
    for description in ["日".repeat(9_800), "\"".repeat(10_000)] {
        let task =
            json!({"operation": "create", "task": {"title": "t", "description": description}});
        let answer = api
            .send(Request::batch("ann", true, &json!(vec![task; 100])))
            .await;
        let results = answer.expect(200)["results"].as_array().unwrap().clone();
        assert!(
            results
                .iter()
                .all(|result| result["task"]["description"] == *description)
        );
    }
    let of_length = |length: usize| request(&json!({})).body("\"".repeat(length));
    assert_eq!(
        api.send(of_length(3_000_000)).await.problem(400)["type"],
        "/docs/problems#malformed-body"
    );
    let problem = api.send(of_length(3_000_001)).await.problem(413);
    assert_eq!(
        problem["detail"],
        "The body must have at most 3000000 bytes."
    );
}

#[tokio::test]
async fn a_task_too_large_for_lambdas_answer_is_changed_but_left_out() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    // Each character takes seven bytes in Lambda's answer: a hundred such tasks take 7 MB.
    let task = json!({"operation": "create", "task": {"title": "t", "description": "\u{1}".repeat(10_000)}});
    let mut ids = Vec::new();
    for _ in 0..4 {
        let answer = api
            .send(Request::batch("ann", true, &json!(vec![&task; 25])))
            .await
            .expect(200);
        let results = answer["results"].as_array().unwrap().iter();
        ids.extend(results.map(|result| result["task"]["id"].clone()));
    }

    let complete = ids
        .iter()
        .map(|id| json!({"operation": "complete", "id": id}));
    let answer = api
        .send(Request::batch("ann", true, &complete.collect()))
        .await;

    let answer = answer.expect(200);
    let results = answer["results"].as_array().unwrap();
    let held = results
        .iter()
        .filter(|result| result["task"].is_object())
        .count();
    assert!((80..100).contains(&held), "{held}");
    assert!(
        results
            .iter()
            .all(|result| result["status"] == 200 && result["etag"].is_string())
    );
    let summary = api.send(Request::summarize("ann")).await.expect(200);
    assert_eq!(summary["completed"], 100);
}

#[tokio::test]
async fn the_answer_fits_however_much_of_a_batch_is_invalid() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    let long = |prefix: usize| format!("{prefix}{}", "\u{1}".repeat(100));
    let field = |index: usize| (long(index), json!(0));
    let mut task: serde_json::Map<_, _> = (0..20).map(field).collect();
    task.extend([
        ("tags".to_owned(), json!(vec![""; 20])),
        ("title".to_owned(), json!(5)),
    ]);
    let mut operation: serde_json::Map<_, _> = (0..10).map(field).collect();
    operation.extend([
        ("operation".to_owned(), json!("create")),
        ("task".to_owned(), task.into()),
    ]);
    let operations = json!(vec![Value::from(operation); 100]);
    let fits = |answer: &Reply| assert!(answer.body.len() < 4_000_000, "{}", answer.body.len());

    let atomic = api.send(Request::batch("ann", true, &operations)).await;
    let other = api.send(Request::batch("ann", false, &operations)).await;

    fits(&atomic);
    assert_eq!(atomic.invalid_fields().len(), 3_000);
    fits(&other);
    assert_eq!(
        other.expect(200)["results"][99]["problem"]["errors"]
            .as_array()
            .unwrap()
            .len(),
        30
    );
}
