//! JSON bodies: new tasks, changes, completions and batches.

use serde_json::{Map, Value};

use super::mutate::{bytes, files};
use super::{Fuzz, Verdict, rules};
use crate::harness::{Handlers, Reply, Request};

/// Strings that break JSON parsers, and strings that occur in the fields.
const WORDS: [&str; 40] = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\u0000",
    "\\ud83d",
    "\\udc00",
    "\\ud83e\\udd80",
    "\0",
    "\u{feff}",
    "\u{200b}",
    "\u{202e}",
    "\u{2003}",
    "null",
    "true",
    "false",
    "-0",
    "1e999",
    "NaN",
    "\"title\":",
    "\"tags\":[\"a\"],",
    "\"due\":\"2026-12-01\",",
    "\"due\":\"0000-12-31T23:59:59-00:01\",",
    "\"priority\":\"urgent\",",
    "\"id\":1,",
    "\"time_zone\":\"Asia/Kolkata\",",
    "\"completed\":false,",
    "\"__proto__\":{},",
    "'; drop table tasks; --",
    "\r\n",
    "раypal",
    "ﷺ",
    "9999-12-30T22:00:00Z",
    "2024-02-29",
    "+23:59",
    "\"a\":{\"b\":[",
];

/// The task in the answer and the stored task both have these fields.
async fn is_stored(api: &Handlers, answer: &Reply, fields: &Map<String, Value>) -> bool {
    let task = answer.json();
    let stored = api
        .send(Request::get("ann", task["id"].as_str().unwrap()))
        .await
        .json();
    stored == task && fields.iter().all(|(name, value)| &task[name] == value)
}

fn json(request: Request, body: Vec<u8>) -> Request {
    request
        .body(body)
        .header("content-type", "application/json")
}

#[test]
fn fuzz_the_body_of_a_new_task() {
    Fuzz::start().run(
        "create-task",
        bytes(files("bodies"), &WORDS),
        async |api, body| {
            let expected = rules::new_task(&body);
            let answer = api.send(json(Request::create("ann"), body.clone())).await;
            let verdict = Verdict::of(&answer, expected.as_ref().map(|_| 201));
            let Some(fields) = expected.filter(|_| answer.status == 201) else {
                return verdict;
            };
            let stored = is_stored(api, &answer, &fields).await;
            verdict.and(stored, || {
                format!("{fields:?} of {} became {answer:?}", body.escape_ascii())
            })
        },
    );
}

#[test]
fn fuzz_the_body_of_a_change() {
    Fuzz::start().run(
        "update-task",
        bytes(files("bodies"), &WORDS),
        async |api, body| {
            let id = api.create("ann", "before").await;
            let before = api
                .send(Request::get("ann", &id))
                .await
                .expect(200)
                .as_object()
                .unwrap()
                .clone();
            let expected = rules::set_by(&body);
            let answer = api
                .send(json(Request::patch("ann", &id), body.clone()))
                .await;
            let verdict = Verdict::of(&answer, expected.as_ref().map(|_| 200));
            let mut fields = before;
            for moved in ["completed_at", "updated_at"] {
                fields.remove(moved);
            }
            let Some(changes) = expected.filter(|_| answer.status == 200) else {
                return verdict;
            };
            fields.extend(changes);
            let stored = is_stored(api, &answer, &fields).await;
            verdict.and(stored, || {
                format!("{fields:?} of {} became {answer:?}", body.escape_ascii())
            })
        },
    );
}

/// Whether the task is completed afterwards, or nothing if the body must be refused. The other
/// fields of a task are ignored, whatever they hold.
fn completed_by(body: &[u8]) -> Option<bool> {
    let body = rules::unmarked(body);
    if body.is_empty() || body.trim_ascii() == b"null" {
        return Some(true);
    }
    let rules::SentMembers(members) = serde_json::from_slice(body).ok()?;
    let is_known = |name: &str| rules::INPUT.contains(&name) || rules::IGNORED.contains(&name);
    let completed: Vec<_> = members
        .iter()
        .filter(|(name, _)| name == "completed")
        .collect();
    match completed[..] {
        // It toggles.
        [] => members
            .iter()
            .all(|(name, _)| is_known(name))
            .then_some(true),
        [(_, Value::Bool(completed))] => members
            .iter()
            .all(|(name, _)| is_known(name))
            .then_some(*completed),
        _ => None,
    }
}

#[test]
fn fuzz_the_body_of_a_completion() {
    Fuzz::start().run(
        "complete-task",
        bytes(files("bodies"), &WORDS),
        async |api, body| {
            let id = api.create("ann", "before").await;
            let expected = completed_by(&body);
            let answer = api
                .send(json(Request::complete("ann", &id), body.clone()))
                .await;
            let verdict = Verdict::of(&answer, expected.map(|_| 200));
            let Some(completed) = expected.filter(|_| answer.status == 200) else {
                return verdict;
            };
            let right = answer.json()["completed"] == completed;
            verdict.and(right, || {
                format!("{} became {answer:?}", body.escape_ascii())
            })
        },
    );
}

/// Every operation that succeeded has a 2xx status, and its task is stored as the answer shows it.
/// A batch that was refused stores nothing.
#[test]
fn fuzz_the_body_of_a_batch() {
    let count = async |api: &Handlers| {
        let list = api
            .send(Request::list("ann").query("count=true&limit=1"))
            .await;
        list.header("x-total-count")
            .unwrap()
            .parse::<usize>()
            .unwrap()
    };
    Fuzz::start().run(
        "batch-tasks",
        bytes(files("batches"), &WORDS),
        async |api, body| {
            let before = count(api).await;
            let answer = api.send(json(Request::batch_of("ann"), body.clone())).await;
            let (mut after, mut shown) = (before, true);
            if answer.status == 200 {
                for result in answer.json()["results"].as_array().unwrap() {
                    let status = result["status"].as_u64().unwrap();
                    after += usize::from(status == 201);
                    after -= usize::from(status == 204);
                    shown &= (200..500).contains(&status)
                        && (status < 300) != result["problem"].is_object();
                }
            }
            let stored = count(api).await;
            if !shown || stored != after {
                return Verdict::Wrong(format!(
                    "{} has {before}, {stored} after {answer:?}",
                    body.escape_ascii()
                ));
            }
            Verdict::of(&answer, (answer.status == 200).then_some(200))
        },
    );
}
