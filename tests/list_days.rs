//! Lists by day, in the user's time zone: an all-day due is the same date everywhere (RFC 5545 section
//! 3.3.4).

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::harness::{Handlers, Request};

const ZONES: [&str; 8] = [
    "UTC",
    "America/Los_Angeles",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Europe/Berlin",
    "Asia/Kolkata",
    "America/Santiago",
    "Australia/Lord_Howe",
];

async fn list(api: &Handlers, query: &str) -> Vec<Value> {
    let list = api.send(Request::list("ann").query(query)).await;
    list.expect(200).as_array().unwrap().clone()
}

async fn create(api: &Handlers, due: &str) {
    let task = json!({"title": due, "due": due});
    api.send(Request::create("ann").json(&task))
        .await
        .expect(201);
}

#[tokio::test]
async fn todays_list_has_todays_all_day_task_west_and_east_of_greenwich() {
    let api = Handlers::start().await;
    for due in [
        "2026-12-01",
        "2026-12-02",
        "2026-12-03",
        "2026-12-02T07:59:59Z",
        "2026-12-02T08:00:00Z",
        "2026-12-03T07:59:59Z",
        "2026-12-03T08:00:00Z",
    ] {
        create(&api, due).await;
    }
    let day = "due_after=2026-12-02&due_before=2026-12-03&sort=due&time_zone=America/Los_Angeles";
    let titles: Vec<_> = list(&api, day)
        .await
        .iter()
        .map(|task| task["title"].clone())
        .collect();
    assert_eq!(
        titles,
        ["2026-12-02", "2026-12-02T08:00:00Z", "2026-12-03T07:59:59Z"]
    );
}

/// For any dues and time zone.
#[tokio::test]
async fn the_list_of_today_has_as_many_tasks_as_the_summary_says() {
    let api = Handlers::start().await;
    let now = Timestamp::now();
    let mut random = fastrand::Rng::with_seed(13);
    let mut operations = Vec::new();
    for _ in 0..100 {
        let at = now + SignedDuration::from_mins(random.i64(-4000..4000));
        let due = if random.bool() {
            at.to_zoned(TimeZone::UTC).date().to_string()
        } else {
            at.to_string()[..19].to_owned() + "Z"
        };
        let task = json!({"title": due, "due": due, "completed": random.u8(0..4) == 0});
        operations.push(json!({"operation": "create", "task": task}));
    }
    api.send(Request::batch("ann", true, &json!(operations)))
        .await
        .expect(200);
    for name in ZONES {
        let zone = TimeZone::get(name).unwrap();
        let today = Timestamp::now().to_zoned(zone).date();
        let tomorrow = today.tomorrow().unwrap();
        let zone = format!("time_zone={}", utf8_percent_encode(name, NON_ALPHANUMERIC));
        let query = format!("status=pending&due_after={today}&due_before={tomorrow}&{zone}");
        let listed = list(&api, &query).await.len();
        let summary = api
            .send(Request::summarize("ann").query(&zone))
            .await
            .expect(200);
        assert!(listed > 0, "{name}");
        assert_eq!(json!(listed), summary["due_today"], "{name}");
    }
}

/// Dues in the order of Los Angeles, where clocks change on 8 March and 1 November 2026.
const IN_ORDER: [&str; 9] = [
    "0001-01-01",
    "2026-03-08",
    "2026-03-08T09:30:00Z",
    "2026-03-09T06:59:59.5Z",
    "2026-03-09",
    "2026-03-09T07:00:00.5Z",
    "2026-11-02",
    "2026-11-02T08:00:01Z",
    "9999-12-31",
];

#[tokio::test]
async fn pages_by_due_are_in_the_order_of_the_time_zone() {
    let api = Handlers::start().await;
    let mut shuffled = IN_ORDER.to_vec();
    fastrand::Rng::with_seed(7).shuffle(&mut shuffled);
    for due in shuffled {
        create(&api, due).await;
    }
    let mut query = "sort=due&limit=2&time_zone=America/Los_Angeles".to_owned();
    let mut seen = Vec::new();
    loop {
        let page = api.send(Request::list("ann").query(&query)).await;
        let tasks = page.expect(200);
        seen.extend(
            tasks
                .as_array()
                .unwrap()
                .iter()
                .map(|task| task["due"].clone()),
        );
        let Some(link) = page.header("link") else {
            break;
        };
        query = link
            .split_once('?')
            .unwrap()
            .1
            .split_once('>')
            .unwrap()
            .0
            .to_owned();
    }
    assert_eq!(seen, IN_ORDER);
}

#[test]
fn the_zones_of_these_tests_differ_in_their_dates() {
    let now = Timestamp::now();
    let date = |zone: &str| -> Date { now.in_tz(zone).unwrap().date() };
    assert_ne!(date("Pacific/Kiritimati"), date("Pacific/Pago_Pago"));
}
