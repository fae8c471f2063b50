//! Which tasks a list holds, and in what order.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::harness::{Handlers, Request};

/// Tasks of `ann`, oldest first.
pub async fn with_tasks(tasks: &[Value]) -> Handlers {
    let api = Handlers::start().await;
    for task in tasks {
        api.send(Request::create("ann").json(task))
            .await
            .expect(201);
    }
    api
}

/// The titles of the tasks that the list has, in its order.
pub async fn titles(api: &Handlers, query: &str) -> Vec<String> {
    let list = api
        .send(Request::list("ann").query(query))
        .await
        .expect(200);
    list.as_array()
        .unwrap()
        .iter()
        .map(|task| task["title"].as_str().unwrap().to_owned())
        .collect()
}

/// Each query must list exactly these titles.
pub async fn assert_titles(api: &Handlers, cases: &[(&str, &[&str])]) {
    for (query, expected) in cases {
        assert_eq!(titles(api, query).await, *expected, "{query}");
    }
}

#[tokio::test]
async fn tasks_are_filtered_by_priority_and_tags() {
    let api = with_tasks(&[
        json!({"title": "a", "priority": "low", "tags": ["home", "ü&=", "x y"]}),
        json!({"title": "b", "priority": "high", "tags": ["home", "work"]}),
        json!({"title": "c", "tags": ["Home"], "completed": true}),
    ])
    .await;
    let cases: &[(&str, &[&str])] = &[
        ("priority=low", &["a"]),
        ("priority=low&priority=none", &["c", "a"]),
        ("priority=urgent", &[]),
        ("tag=home", &["b", "a"]),
        ("tag=home&tag=work", &["b"]),
        ("tag=%20home%20", &["b", "a"]),
        ("tag=%C3%BC%26%3D", &["a"]),
        ("tag=x+y", &["a"]),
        ("tag=hom", &[]),
        ("tag=home&priority=high&status=pending", &["b"]),
        ("tag=Home&status=pending", &[]),
    ];
    assert_titles(&api, cases).await;
}

#[tokio::test]
async fn tasks_are_filtered_by_due_date() {
    let api = with_tasks(&[
        json!({"title": "never"}),
        json!({"title": "first of december", "due": "2026-12-01"}),
        json!({"title": "an hour before it", "due": "2026-12-01T01:00:00+02:00"}),
        json!({"title": "at noon", "due": "2026-12-01T12:00:00Z"}),
        json!({"title": "the end of time", "due": "9999-12-31"}),
    ])
    .await;
    let cases: &[(&str, &[&str])] = &[
        ("due_before=2026-12-01", &["an hour before it"]),
        (
            "due_after=2026-12-01&due_before=2026-12-02",
            &["at noon", "first of december"],
        ),
        (
            "due_after=2026-12-01T12:00:00Z",
            &["the end of time", "at noon"],
        ),
        (
            "due_after=2026-12-01T13:00:00%2B01:00&due_before=2027-01-01",
            &["at noon"],
        ),
        ("due_after=9999-12-31", &["the end of time"]),
        ("due_before=0001-01-01", &[]),
    ];
    assert_titles(&api, cases).await;
}

#[tokio::test]
async fn a_pending_task_past_its_due_date_is_overdue() {
    let now = Timestamp::now();
    let at = |hours: i64| {
        (now + jiff::SignedDuration::from_hours(hours)).to_string()[..19].to_owned() + "Z"
    };
    let day = |days: i64| at(days * 24)[..10].to_owned();
    let api = with_tasks(&[
        json!({"title": "never"}),
        json!({"title": "yesterday", "due": day(-1)}),
        json!({"title": "today", "due": day(0)}),
        json!({"title": "an hour ago", "due": at(-1)}),
        json!({"title": "in an hour", "due": at(1)}),
        json!({"title": "done", "due": day(-2), "completed": true}),
    ])
    .await;
    let cases: &[(&str, &[&str])] = &[
        ("overdue=true", &["an hour ago", "yesterday"]),
        ("overdue=false", &["done", "in an hour", "today", "never"]),
        ("overdue=true&sort=due", &["yesterday", "an hour ago"]),
    ];
    // Within an hour after midnight, "yesterday" may be later than "an hour ago".
    assert_titles(&api, &cases[..2]).await;

    // An all-day task becomes overdue when the user's day ends, which happens on Kiritimati a day
    // before it does in Pago Pago.
    let zone = |zone: &str| format!("overdue=true&time_zone={zone}");
    let kiritimati = titles(&api, &zone("Pacific/Kiritimati")).await;
    let pago_pago = titles(&api, &zone("Pacific/Pago_Pago")).await;
    let today_is_over = |zone: &str| now.in_tz(zone).unwrap().date().to_string() > day(0);
    assert_eq!(
        kiritimati.contains(&"today".to_owned()),
        today_is_over("Pacific/Kiritimati")
    );
    assert!(!pago_pago.contains(&"today".to_owned()));
}

#[tokio::test]
async fn tasks_are_filtered_by_when_they_were_created_and_changed() {
    let api = with_tasks(&[json!({"title": "a"}), json!({"title": "b"})]).await;
    let list = api.send(Request::list("ann")).await.expect(200);
    let second = list[0]["created_at"].as_str().unwrap().to_owned();
    let id = list[1]["id"].as_str().unwrap();
    let changed = api
        .send(Request::put("ann", id).json(&json!({"title": "A"})))
        .await
        .expect(200);
    let change = changed["updated_at"].as_str().unwrap();
    for (query, expected) in [
        (format!("created_before={second}"), vec!["A"]),
        (format!("created_after={second}"), vec!["b"]),
        (format!("updated_after={change}"), vec!["A"]),
        (format!("updated_before={change}"), vec!["b"]),
        (
            "created_after=2026-01-01&created_before=9999-01-01".into(),
            vec!["b", "A"],
        ),
    ] {
        assert_eq!(titles(&api, &query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn every_sort_order_works_in_both_directions() {
    let api = with_tasks(&[
        json!({"title": "éclair", "priority": "high", "due": "2026-12-02"}),
        json!({"title": "Apple", "priority": "none"}),
        json!({"title": "zebra", "priority": "urgent", "due": "2026-12-01T23:00:00-05:00"}),
        json!({"title": "banana", "priority": "low", "due": "2026-12-01"}),
    ])
    .await;
    let list = api.send(Request::list("ann")).await.expect(200);
    let apple = list[2]["id"].as_str().unwrap();
    api.send(Request::put("ann", apple).json(&json!({"description": "changed last"})))
        .await
        .expect(200);
    let cases: &[(&str, [&str; 4])] = &[
        ("created_at", ["éclair", "Apple", "zebra", "banana"]),
        ("updated_at", ["éclair", "zebra", "banana", "Apple"]),
        ("due", ["banana", "éclair", "zebra", "Apple"]),
        ("priority", ["Apple", "banana", "éclair", "zebra"]),
        ("title", ["Apple", "banana", "éclair", "zebra"]),
    ];
    for (sort, expected) in cases {
        assert_eq!(
            titles(&api, &format!("sort={sort}")).await,
            expected,
            "{sort}"
        );
        let reversed: Vec<_> = expected.iter().rev().copied().collect();
        assert_eq!(
            titles(&api, &format!("sort=-{sort}")).await,
            reversed,
            "-{sort}"
        );
    }
}

const DUE: &str = "must be a date such as `2026-12-01`, or a date-time with an offset such as \
                   `2026-12-01T09:30:00+02:00`";
const NO_SUCH_TIME: &str =
    "must be a day and time that exist, after the year 0 and before 9999-12-30T22:00:00Z";

#[tokio::test]
async fn every_invalid_parameter_is_named_at_once() {
    let api = Handlers::start().await;
    let long = "x".repeat(201);
    for (query, expected) in [
        ("status=x&limit=0&count=yes".into(), vec![
            "status must be `all`, `pending` or `completed`".to_owned(),
            "limit must be a number from 1 to 1000".into(),
            "count must be `true` or `false`".into(),
        ]),
        ("limit=1001".into(), vec!["limit must be a number from 1 to 1000".into()]),
        ("limit=%2B5".into(), vec!["limit must be a number from 1 to 1000".into()]),
        ("limit=5&limit=6".into(), vec!["limit must be given only once".into()]),
        ("priority=low&priority=HIGH".into(), vec![
            "priority must be `none`, `low`, `medium`, `high` or `urgent`".into()
        ]),
        ("tag=".into(), vec!["tag must have 1 to 50 characters".into()]),
        ("q=%20".into(), vec!["q must have 1 to 200 characters".into()]),
        ("q=a%00".into(), vec!["q must have 1 to 200 characters".into()]),
        (format!("q={long}"), vec!["q must have 1 to 200 characters".into()]),
        ("due_before=soon&created_after=2026-02-30".into(), vec![
            format!("due_before {DUE}"),
            format!("created_after {NO_SUCH_TIME}"),
        ]),
        ("overdue=1".into(), vec!["overdue must be `true` or `false`".into()]),
        ("time_zone=CEST".into(), vec![
            "time_zone must be a time zone in the IANA database, such as `Europe/Berlin`".into()
        ]),
        ("sort=id".into(), vec![
            "sort must be `created_at`, `updated_at`, `due`, `priority` or `title`, or one of them after `-`".into()
        ]),
        ("sort=--due".into(), vec![
            "sort must be `created_at`, `updated_at`, `due`, `priority` or `title`, or one of them after `-`".into()
        ]),
    ] {
        let answer = api.send(Request::list("ann").query(&query)).await;
        assert_eq!(answer.invalid_fields(), expected, "{query}");
    }
}
