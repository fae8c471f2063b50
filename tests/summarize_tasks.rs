//! `GET /api/v1/{user_id}/tasks/summary`.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use crate::harness::{Gateway, Handlers, Request, TestDatabase};

async fn summary(api: &Handlers, query: &str) -> Value {
    api.send(Request::summarize("ann").query(query))
        .await
        .expect(200)
}

async fn create(api: &Handlers, task: Value) {
    let mut task = task;
    task["title"] = json!("t");
    api.send(Request::create("ann").json(&task))
        .await
        .expect(201);
}

#[tokio::test]
async fn the_counts_of_a_user_without_tasks_are_zero() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;

    let answer = api
        .send(Request::summarize("ann").query("time_zone=Europe%2FBerlin"))
        .await;

    let none = "{\"pending\":0,\"completed\":0}";
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(
        answer.body,
        format!(
            "{{\"total\":0,\"pending\":0,\"completed\":0,\"overdue\":0,\"due_today\":0,\"by_priority\":{{\
             \"none\":{none},\"low\":{none},\"medium\":{none},\"high\":{none},\"urgent\":{none}}},\"by_tag\":[]}}"
        )
    );
}

const PRIORITIES: [&str; 5] = ["none", "low", "medium", "high", "urgent"];
const TAGS: [&str; 3] = ["a", "b", "c"];

/// No due, one of each side of now, yesterday, today, and tomorrow.
fn dues() -> [Value; 6] {
    let now = Timestamp::now();
    let today = now.to_zoned(TimeZone::UTC).date();
    [
        Value::Null,
        json!((now - SignedDuration::from_hours(1)).to_string()[..19].to_owned() + "Z"),
        json!((now + SignedDuration::from_hours(30)).to_string()[..19].to_owned() + "+00:00"),
        json!(today.yesterday().unwrap()),
        json!(today),
        json!(today.tomorrow().unwrap()),
    ]
}

#[tokio::test]
async fn the_counts_match_the_list() {
    let api = Handlers::start().await;
    api.create("bob", "not hers").await;
    let dues = dues();
    for number in 0..90 {
        let tags: Vec<_> = TAGS.into_iter().take(number % 4).collect();
        let task = json!({
            "completed": number % 7 == 0, "priority": PRIORITIES[number % 5], "tags": tags, "due": dues[number % 6],
        });
        create(&api, task).await;
    }

    let summary = summary(&api, "").await;

    let list = api.send(Request::list("ann")).await.expect(200);
    let tasks = list.as_array().unwrap();
    assert_eq!(summary["total"], 90);
    assert_eq!(summary["pending"], count(tasks, false, |_| true));
    assert_eq!(summary["completed"], count(tasks, true, |_| true));
    let overdue = Request::list("ann").query("overdue=true");
    let overdue = api.send(overdue).await.expect(200);
    assert_eq!(summary["overdue"], overdue.as_array().unwrap().len());
    let is_today = |due: &str| Some(&due[..10]) == dues[4].as_str();
    let due_today = count(tasks, false, |task| {
        task["due"].as_str().is_some_and(is_today)
    });
    assert_eq!(summary["due_today"], due_today);
    for priority in PRIORITIES {
        let expected = both(tasks, |task| task["priority"] == priority);
        assert_eq!(summary["by_priority"][priority], expected, "{priority}");
    }
    let by_tag = TAGS.map(|tag| {
        let mut counts = both(tasks, |task| {
            task["tags"].as_array().unwrap().contains(&json!(tag))
        });
        counts["tag"] = json!(tag);
        counts
    });
    assert_eq!(summary["by_tag"], json!(by_tag));
}

fn count(tasks: &[Value], completed: bool, holds: impl Fn(&Value) -> bool) -> usize {
    tasks
        .iter()
        .filter(|task| task["completed"] == completed && holds(task))
        .count()
}

/// How many of these tasks are pending, and how many completed.
fn both(tasks: &[Value], holds: impl Fn(&Value) -> bool) -> Value {
    let [pending, completed] = [false, true].map(|completed| count(tasks, completed, &holds));
    json!({"pending": pending, "completed": completed})
}

/// The first two zones never share a date; days in the last one can have 23 or 25 hours.
const ZONES: [&str; 3] = [
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "America/New_York",
];

/// Five dues: the date in this zone, and the first and last moments of its day and of the next.
fn dues_around_today(zone: &str, now: Timestamp) -> Vec<String> {
    let zone = TimeZone::get(zone).unwrap();
    let start = now.to_zoned(zone).start_of_day().unwrap();
    let instants = [start.clone(), start.tomorrow().unwrap()].map(|day| day.timestamp());
    let before = instants.map(|instant| instant - SignedDuration::from_micros(1));
    let mut dues: Vec<_> = instants
        .into_iter()
        .chain(before)
        .map(|instant| instant.to_string())
        .collect();
    dues.push(start.date().to_string());
    dues
}

#[tokio::test]
async fn today_depends_on_the_time_zone() {
    let api = Handlers::start().await;
    let now = Timestamp::now();
    let dues = ZONES.map(|zone| dues_around_today(zone, now)).concat();
    for due in &dues {
        create(&api, json!({"due": due})).await;
        create(&api, json!({"due": due, "completed": true})).await;
    }
    for zone in ZONES {
        let day_of = |time: Timestamp| {
            time.to_zoned(TimeZone::get(zone).unwrap())
                .date()
                .to_string()
        };
        let date = |due: &String| due.parse().map_or_else(|_| due.clone(), day_of);
        let expected = dues.iter().filter(|due| date(due) == day_of(now)).count();
        assert!((3..15).contains(&expected));
        let summary = summary(&api, &format!("time_zone={zone}")).await;
        assert_eq!(summary["due_today"], expected, "{zone}");
    }
    // A day ends in the east before it ends in the west.
    let overdue = |summary: Value| summary["overdue"].as_i64().unwrap();
    let east = overdue(summary(&api, "time_zone=Pacific/Kiritimati").await);
    let west = overdue(summary(&api, "time_zone=Pacific/Pago_Pago").await);
    assert!(east > west, "{east} {west}");
    // An all-day task is due today until its day ends, and overdue afterwards.
    let utc = summary(&api, "").await;
    assert_eq!(utc, summary(&api, "time_zone=UTC").await);
}

#[tokio::test]
async fn an_unknown_time_zone_is_refused() {
    let api = Handlers::start().await;
    for query in ["time_zone=Mars", "time_zone=", "time_zone=europe%2Fberlin"] {
        let wrong = api
            .send(Request::summarize("ann").query(query))
            .await
            .invalid_fields();
        assert_eq!(
            wrong,
            ["time_zone must be a time zone in the IANA database, such as `Europe/Berlin`"]
        );
    }
}

#[tokio::test]
async fn with_more_than_a_thousand_tags_those_with_the_most_pending_tasks_are_counted() {
    let api = Handlers::start().await;
    let tag = |number: usize| format!("{number:04}");
    for first in (0..1020).step_by(20) {
        let tags: Vec<_> = (first..first + 20).map(tag).collect();
        create(&api, json!({"tags": tags, "completed": first < 40})).await;
    }
    create(&api, json!({"tags": ["0999", "0039", "z"]})).await;
    create(&api, json!({"tags": ["z", "Ä"]})).await;

    let by_tag = summary(&api, "").await["by_tag"].clone();

    let tags: Vec<_> = by_tag
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| tag["tag"].as_str().unwrap())
        .collect();
    assert_eq!(tags.len(), 1000);
    assert_eq!(tags[..4], ["0999", "z", "0039", "0040"]);
    // The 39 tags without a pending task come last; 22 of them are left out.
    assert_eq!(tags[982], "Ä");
    assert_eq!(tags[983..], (0..17).map(tag).collect::<Vec<_>>());
    assert_eq!(
        by_tag[2],
        json!({"tag": "0039", "pending": 1, "completed": 1})
    );
}
