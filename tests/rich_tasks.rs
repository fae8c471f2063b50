//! The other fields of a task: due date, time zone, priority, tags, and when it was completed.

use serde_json::{Value, json};

use crate::harness::{Handlers, Request};

fn rich() -> Value {
    json!({
        "title": "Pay rent",
        "priority": "high",
        "due": "2026-12-01T09:30:00.50+01:00",
        "time_zone": "Europe/Berlin",
        "tags": ["Home", "money", "home"],
    })
}

#[tokio::test]
async fn every_optional_field_has_a_default() {
    let api = Handlers::start().await;
    let plain = api
        .send(Request::create("ann").json(&json!({"title": "t"})))
        .await
        .expect(201);
    for (field, value) in [
        ("priority", json!("none")),
        ("due", Value::Null),
        ("time_zone", Value::Null),
        ("tags", json!([])),
        ("completed_at", Value::Null),
    ] {
        assert_eq!(plain[field], value, "{field}");
    }
}

#[tokio::test]
async fn values_come_back_exactly_as_given() {
    let api = Handlers::start().await;
    let created = api
        .send(Request::create("ann").json(&rich()))
        .await
        .expect(201);
    for (field, value) in rich().as_object().unwrap() {
        assert_eq!(&created[field], value, "{field}");
    }
    let id = created["id"].as_str().unwrap();
    assert_eq!(api.send(Request::get("ann", id)).await.expect(200), created);
    assert_eq!(
        api.send(Request::list("ann")).await.expect(200),
        json!([created])
    );
}

#[tokio::test]
async fn every_form_of_due_date_is_kept() {
    let api = Handlers::start().await;
    for due in [
        "2026-12-01",
        "0001-01-01",
        "9999-12-31",
        "2026-12-01T23:59:59Z",
        "2026-12-01T00:00:00.123456-11:30",
    ] {
        let body = json!({"title": "t", "due": due});
        let created = api
            .send(Request::create("ann").json(&body))
            .await
            .expect(201);
        let read = api
            .send(Request::get("ann", created["id"].as_str().unwrap()))
            .await
            .expect(200);
        assert_eq!(read["due"], due);
        let put = Request::put("ann", read["id"].as_str().unwrap()).json(&json!({"due": due}));
        assert_eq!(
            api.send(put).await.expect(200),
            read,
            "the same due date is not a change"
        );
    }
}

#[tokio::test]
async fn a_due_date_with_more_than_six_digits_is_cut_and_comes_back_the_same_from_then_on() {
    let api = Handlers::start().await;
    for (due, kept) in [
        (
            "2026-12-01T09:30:00.1234567Z",
            "2026-12-01T09:30:00.123456Z",
        ),
        (
            "2026-12-01T09:30:00.123456789+01:00",
            "2026-12-01T09:30:00.123456+01:00",
        ),
        (
            "2026-12-01T23:59:59.999999999Z",
            "2026-12-01T23:59:59.999999Z",
        ),
        (
            "2026-12-01T09:30:00.0000000-11:30",
            "2026-12-01T09:30:00.000000-11:30",
        ),
    ] {
        let body = json!({"title": "t", "due": due});
        let created = api
            .send(Request::create("ann").json(&body))
            .await
            .expect(201);
        assert_eq!(created["due"], kept, "{due}");
        let id = created["id"].as_str().unwrap();
        assert_eq!(api.send(Request::get("ann", id)).await.expect(200), created);
        for again in [created.clone(), json!({"due": due})] {
            let put = api
                .send(Request::put("ann", id).json(&again))
                .await
                .expect(200);
            assert_eq!(put, created, "the same due date is not a change");
        }
    }
}

#[tokio::test]
async fn times_that_differ_in_their_sixth_digit_are_in_order() {
    let api = Handlers::start().await;
    let second = "2026-12-01T09:30:00";
    for fraction in ["000003999", "0000019", "000002"] {
        let body = json!({"title": fraction, "due": format!("{second}.{fraction}Z")});
        api.send(Request::create("ann").json(&body))
            .await
            .expect(201);
    }
    let list = api
        .send(Request::list("ann").query("sort=due"))
        .await
        .expect(200);
    let titles: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|task| &task["title"])
        .collect();
    assert_eq!(titles, ["0000019", "000002", "000003999"]);
}

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
        let encoded =
            percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC);
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

#[tokio::test]
async fn a_change_touches_only_the_fields_it_names() {
    let api = Handlers::start().await;
    let created = api
        .send(Request::create("ann").json(&rich()))
        .await
        .expect(201);
    let id = created["id"].as_str().unwrap();
    let fields = [
        ("title", json!("Pay the rent")),
        ("description", json!("In cash")),
        ("priority", json!("urgent")),
        ("due", json!("2026-12-24")),
        ("time_zone", json!("America/New_York")),
        ("tags", json!(["cash"])),
    ];
    let mut expected = created.clone();
    for (field, value) in fields {
        let changed = api
            .send(Request::patch("ann", id).json(&json!({ field: value })))
            .await
            .expect(200);
        assert!(changed["updated_at"].as_str() > expected["updated_at"].as_str());
        expected[field] = value;
        expected["updated_at"] = changed["updated_at"].clone();
        assert_eq!(changed, expected, "{field}");
    }
}

#[tokio::test]
async fn null_clears_optional_fields() {
    let api = Handlers::start().await;
    let created = api
        .send(Request::create("ann").json(&rich()))
        .await
        .expect(201);
    let clear = json!({"description": null, "due": null, "time_zone": null, "priority": null, "tags": null});
    let id = created["id"].as_str().unwrap();
    let cleared = api
        .send(Request::patch("ann", id).json(&clear))
        .await
        .expect(200);
    assert_eq!(
        (
            &cleared["due"],
            &cleared["time_zone"],
            &cleared["priority"],
            &cleared["tags"]
        ),
        (&Value::Null, &Value::Null, &json!("none"), &json!([]))
    );
    assert_eq!(cleared["title"], created["title"]);
}

#[tokio::test]
async fn the_service_records_when_a_task_was_completed() {
    let api = Handlers::start().await;
    let done = json!({"title": "t", "completed": true, "completed_at": "2001-01-01T00:00:00Z"});
    let created = api
        .send(Request::create("ann").json(&done))
        .await
        .expect(201);
    assert_eq!(created["completed_at"], created["created_at"]);
    let id = created["id"].as_str().unwrap();
    assert_eq!(api.send(Request::get("ann", id)).await.expect(200), created);

    let again = api
        .send(Request::complete("ann", id).json(&json!({"completed": true})))
        .await
        .expect(200);
    assert_eq!(again, created, "completing it again changes nothing");
    let pending = api.send(Request::complete("ann", id)).await.expect(200);
    assert_eq!(pending["completed_at"], Value::Null);
    let completed = api
        .send(Request::put("ann", id).json(&json!({"completed": true})))
        .await
        .expect(200);
    assert_eq!(completed["completed_at"], completed["updated_at"]);
    let renamed = api
        .send(Request::put("ann", id).json(&json!({"title": "u"})))
        .await
        .expect(200);
    assert_eq!(renamed["completed_at"], completed["completed_at"]);
}

#[tokio::test]
async fn an_invalid_value_is_explained() {
    let api = Handlers::start().await;
    let due = "/due must be a date such as `2026-12-01`, or a date-time with an offset such as \
               `2026-12-01T09:30:00+02:00`";
    let no_such =
        "/due must be a day and time that exist, after the year 0 and before 9999-12-30T22:00:00Z";
    let zone = "/time_zone must be a time zone in the IANA database, such as `Europe/Berlin`";
    let priority = "/priority must be `none`, `low`, `medium`, `high` or `urgent`";
    let twenty_one: Vec<_> = (0..21).map(|number| number.to_string()).collect();
    for (field, value, expected) in [
        ("due", json!("tomorrow"), vec![due]),
        ("due", json!("2026-12-01T09:30:00"), vec![due]),
        (
            "due",
            json!(20_261_201),
            vec!["/due must be a string, not a number"],
        ),
        ("due", json!("2026-02-30"), vec![no_such]),
        ("time_zone", json!("Mars/Olympus"), vec![zone]),
        ("time_zone", json!("europe/berlin"), vec![zone]),
        ("priority", json!("High"), vec![priority]),
        (
            "priority",
            json!(1),
            vec!["/priority must be a string, not a number"],
        ),
        (
            "tags",
            json!("home"),
            vec!["/tags must be an array, not a string"],
        ),
        (
            "tags",
            json!(twenty_one),
            vec!["/tags must have at most 20 tags, not 21"],
        ),
        (
            "tags",
            json!(vec![1; 50_000]),
            vec!["/tags must have at most 20 tags, not 50000"],
        ),
        (
            "tags",
            json!(["a", 1, null]),
            vec![
                "/tags/1 must be a string, not a number",
                "/tags/2 must be a string, not null",
            ],
        ),
        (
            "tags",
            json!(["a", " ", "a ", "x".repeat(51), "n\0"]),
            vec![
                "/tags/1 must not be empty",
                "/tags/2 must not be given twice",
                "/tags/3 must have at most 50 characters, not 51",
                "/tags/4 must not contain the NUL character (U+0000)",
            ],
        ),
    ] {
        let body = json!({"title": "t", field: value});
        let answer = api.send(Request::create("ann").json(&body)).await;
        assert_eq!(answer.invalid_fields(), expected, "{body}");
    }
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
