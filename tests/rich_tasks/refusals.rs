//! Values that the service refuses, and the table too.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::harness::{Handlers, Request};

#[tokio::test]
async fn text_of_invisible_characters_alone_is_empty() {
    let api = Handlers::start().await;
    let id = api.create("ann", "t").await;
    for text in [
        "\u{200b}",
        "\u{feff} \u{3164}",
        "\u{2800}",
        "\u{ad}",
        "\u{e0020}",
    ] {
        let body = json!({"title": text, "tags": [text, "fine"]});
        for request in [Request::create("ann"), Request::patch("ann", &id)] {
            let wrong = api.send(request.json(&body)).await.invalid_fields();
            assert_eq!(
                wrong,
                ["/title must not be empty", "/tags/0 must not be empty"]
            );
        }
        let encoded = utf8_percent_encode(text, NON_ALPHANUMERIC);
        let query = format!("q={encoded}&tag={encoded}");
        let wrong = api
            .send(Request::list("ann").query(&query))
            .await
            .invalid_fields();
        assert_eq!(wrong.len(), 2, "{wrong:?}");
    }
    let family = json!({"title": "👩\u{200d}👧", "tags": ["❤\u{fe0f}"]});
    let task = api
        .send(Request::create("ann").json(&family))
        .await
        .expect(201);
    assert_eq!(
        (&task["title"], &task["tags"]),
        (&family["title"], &family["tags"])
    );
}

const DUE: &str = "/due must be a date such as `2026-12-01`, or a date-time with an offset such as \
                   `2026-12-01T09:30:00+02:00`";
const NO_SUCH_DUE: &str =
    "/due must be a day and time that exist, after the year 0 and before 9999-12-30T22:00:00Z";
const ZONE: &str = "/time_zone must be a time zone in the IANA database, such as `Europe/Berlin`";
const PRIORITY: &str = "/priority must be `none`, `low`, `medium`, `high` or `urgent`";

#[tokio::test]
async fn an_invalid_value_is_explained() {
    let api = Handlers::start().await;
    let priority = "/priority must be a string, not a number";
    for (field, value, expected) in [
        ("due", json!("tomorrow"), DUE),
        ("due", json!("2026-12-01T09:30:00"), DUE),
        (
            "due",
            json!(20_261_201),
            "/due must be a string, not a number",
        ),
        ("due", json!("2026-02-30"), NO_SUCH_DUE),
        ("time_zone", json!("Mars/Olympus"), ZONE),
        ("time_zone", json!("europe/berlin"), ZONE),
        ("priority", json!("High"), PRIORITY),
        ("priority", json!(1), priority),
    ] {
        refuse(&api, field, value, &[expected]).await;
    }
    for (value, expected) in invalid_tags() {
        refuse(&api, "tags", value, &expected).await;
    }
}

async fn refuse(api: &Handlers, field: &str, value: Value, expected: &[&str]) {
    let body = json!({"title": "t", field: value});
    let answer = api.send(Request::create("ann").json(&body)).await;
    assert_eq!(answer.invalid_fields(), expected, "{body}");
}

fn invalid_tags() -> [(Value, Vec<&'static str>); 5] {
    let twenty_one: Vec<_> = (0..21).map(|number| number.to_string()).collect();
    [
        (json!("home"), vec!["/tags must be an array, not a string"]),
        (
            json!(twenty_one),
            vec!["/tags must have at most 20 tags, not 21"],
        ),
        (
            json!(vec![1; 50_000]),
            vec!["/tags must have at most 20 tags, not 50000"],
        ),
        (
            json!(["a", 1, null]),
            vec![
                "/tags/1 must be a string, not a number",
                "/tags/2 must be a string, not null",
            ],
        ),
        (
            json!(["a", " ", "a ", "x".repeat(51), "n\0"]),
            vec![
                "/tags/1 must not be empty",
                "/tags/2 must not be given twice",
                "/tags/3 must have at most 50 characters, not 51",
                "/tags/4 must not contain the NUL character (U+0000)",
            ],
        ),
    ]
}

#[tokio::test]
async fn the_table_refuses_what_the_domain_refuses() {
    let api = Handlers::start().await;
    let client = api.database().superuser().await;
    for (columns, values, constraint) in [
        (
            "due_on, due_at, due_given",
            "'2026-12-01', now(), 'x'",
            "tasks_due_once",
        ),
        ("due_at", "now()", "tasks_due_given_with_due_at"),
        ("priority", "5", "tasks_priority_known"),
        ("time_zone", "''", "tasks_time_zone_length"),
        ("tags", "array['a', 'a']", "tasks_tags_valid"),
        ("tags", "array[' a']", "tasks_tags_valid"),
        ("tags", "array['']", "tasks_tags_valid"),
        ("tags", "array[null]::text[]", "tasks_tags_valid"),
        ("tags", "array[['a'], ['b']]", "tasks_tags_valid"),
        (
            "tags",
            "(select array_agg(n::text) from generate_series(1, 21) n)",
            "tasks_tags_valid",
        ),
    ] {
        let insert = format!(
            "insert into tasks (id, user_id, title, {columns}) values (gen_random_uuid(), 'u', 't', {values})"
        );
        let error = client.batch_execute(&insert).await.unwrap_err();
        let refused = error.as_db_error().and_then(|error| error.constraint());
        assert_eq!(refused, Some(constraint), "{columns} {values}: {error:?}");
    }
}
