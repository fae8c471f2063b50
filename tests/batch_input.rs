//! The fields and limits of a batch.

mod sizes;

use serde_json::{Value, json};

use crate::harness::{Handlers, Request};

fn request(body: &Value) -> Request {
    Request::batch_of("ann").json(body)
}

fn create(title: &str) -> Value {
    json!({"operation": "create", "task": {"title": title}})
}

/// What is wrong with the batch of the test below, in order.
const INVALID_FIELDS: [&str; 24] = [
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
    "/operations/8/operation must be `create`, `update`, `complete`, `delete` or `restore`",
    "/operations/8/x is not a field of an operation",
    "/operations/9/operation is required",
    "/operations/9/a~1b is not a field of an operation",
    "/operations/10 must be an object, not a string",
];

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

    assert_eq!(wrong, INVALID_FIELDS);
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
        let wrong = api.send(request(&body)).await.invalid_fields();
        assert_eq!(wrong, [expected], "{body}");
    }
    for body in ["", "[]", "{\"operations\": ["] {
        let problem = api.send(request(&json!({})).body(body)).await.problem(400);
        assert_eq!(problem["type"], "/docs/problems#malformed-body");
    }
    assert_eq!(api.send(Request::list("ann")).await.expect(200), json!([]));
}
