//! The query of a list, and its cursor.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::mutate::{bytes, lines, texts};
use super::{Fuzz, Verdict, rules};
use crate::harness::{Handlers, Request};

const WORDS: [&str; 33] = [
    "&",
    "=",
    "%",
    "%00",
    "%ff",
    "%2",
    "+",
    ";",
    "#",
    "?",
    "\"",
    "<",
    "%0d%0a",
    "&q=a",
    "&q=%25_",
    "&q=%27%3A*",
    "&q=\\",
    "&tag=b",
    "&tag=%20a%20",
    "&status=pending",
    "&priority=high",
    "&priority=",
    "&limit=2",
    "&limit=0",
    "&limit=%2B1",
    "&count=true",
    "&sort=-due",
    "&cursor=AAAA",
    "&due_before=2026-12-01",
    "&overdue=true",
    "&_=1",
    "&time_zone=UTC",
    "ﷺ",
];

/// The pairs of `application/x-www-form-urlencoded` (URL Standard, section 5.1).
fn pairs(query: &str) -> Vec<(String, String)> {
    let text = |text: &str| {
        percent_decode_str(&text.replace('+', " "))
            .decode_utf8_lossy()
            .into_owned()
    };
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (text(name), text(value)))
        .collect()
}

fn is_line(text: &str, max: usize) -> bool {
    rules::is_line(text.trim_matches(char::is_whitespace), max)
}

/// Whether a parameter has a valid value.
fn is_valid(name: &str, value: &str) -> bool {
    match name {
        "status" => ["all", "pending", "completed"].contains(&value),
        "priority" => ["none", "low", "medium", "high", "urgent"].contains(&value),
        "tag" => is_line(value, 50),
        "q" => is_line(value, 200) && value.split_whitespace().count() <= 10,
        "due_before" | "due_after" | "created_before" | "created_after" | "updated_before"
        | "updated_after" => rules::is_due(value),
        "overdue" | "count" => ["true", "false"].contains(&value),
        "time_zone" => rules::is_time_zone(value),
        "limit" => {
            value.bytes().all(|byte| byte.is_ascii_digit())
                && value.parse().is_ok_and(|limit| (1..=1000).contains(&limit))
        }
        "sort" => ["created_at", "updated_at", "due", "priority", "title"]
            .contains(&value.strip_prefix('-').unwrap_or(value)),
        // The service issued none of these.
        "cursor" => false,
        unknown => unknown.starts_with('_'),
    }
}

/// Whether a task matches those of these parameters that are simple to check.
fn is_meant(task: &Value, query: &HashMap<String, Vec<String>>) -> bool {
    let all = |name: &str, meant: &dyn Fn(&str) -> bool| {
        query
            .get(name)
            .is_none_or(|all| all.iter().all(|v| meant(v)))
    };
    let has_tag = |tag: &str| {
        task["tags"]
            .as_array()
            .unwrap()
            .contains(&json!(tag.trim_matches(char::is_whitespace)))
    };
    all("status", &|status| {
        status == "all" || task["completed"] == (status == "completed")
    }) && all("tag", &has_tag)
        && query
            .get("priority")
            .is_none_or(|any| any.iter().any(|priority| task["priority"] == *priority))
}

/// Tasks of many kinds, and one of another user.
async fn fill(api: &Handlers) {
    for (index, priority) in ["none", "low", "medium", "high", "urgent", "high"]
        .iter()
        .enumerate()
    {
        let task = json!({
            "title": format!("a {index} %_\\'"), "priority": priority, "completed": index % 2 == 0,
            "tags": if index > 2 { json!(["a", "b"]) } else { json!(["a"]) },
            "due": if index > 3 { json!("2026-12-01") } else { json!(null) },
        });
        api.send(Request::create("ann").json(&task))
            .await
            .expect(201);
    }
    api.create("bob", "his").await;
}

#[test]
fn fuzz_the_query_of_a_list() {
    let fuzz = Fuzz::start();
    fuzz.runtime.block_on(fill(&fuzz.api));
    fuzz.run(
        "list-tasks",
        texts(lines("queries.txt"), &WORDS),
        async |api, query| {
            let mut given: HashMap<String, Vec<String>> = HashMap::new();
            for (name, value) in pairs(&query) {
                given.entry(name).or_default().push(value);
            }
            let once = |name: &str, values: &Vec<String>| {
                values.len() == 1 || ["priority", "tag"].contains(&name)
            };
            let ours = |name: &str| !is_valid(name, "\0") || name == "cursor";
            let valid = given.iter().all(|(name, values)| {
                values.iter().all(|value| is_valid(name, value))
                    && (!ours(name) || once(name, values))
            });
            let answer = api.send(Request::list("ann").query(&query)).await;
            let verdict = Verdict::of(&answer, valid.then_some(200));
            if answer.status != 200 {
                return verdict;
            }
            let list = answer.json();
            let tasks = list.as_array().unwrap();
            let limit = given
                .get("limit")
                .map_or(usize::MAX, |limit| limit[0].parse().unwrap());
            let right = tasks.len() <= limit
                && tasks
                    .iter()
                    .all(|task| task["user_id"] == "ann" && is_meant(task, &given));
            verdict.and(right, || format!("{query} lists {list}"))
        },
    );
}

/// A query and the cursor of its second page.
async fn cursor_of(api: &Handlers, sort: &str) -> (String, Vec<u8>) {
    let query = format!("limit=2&sort={sort}");
    let answer = api.send(Request::list("ann").query(&query)).await;
    let link = answer.header("link").unwrap();
    let (_, cursor) = link.split_once("cursor=").unwrap();
    let cursor = percent_decode_str(cursor.split(['&', '>']).next().unwrap())
        .decode_utf8()
        .unwrap()
        .into_owned();
    (query, URL_SAFE_NO_PAD.decode(cursor).unwrap())
}

const CURSOR_WORDS: [&str; 9] = [
    "\0",
    "Z",
    "T00:00:00Z",
    "infinity",
    "-",
    "9",
    "é",
    "\u{200b}",
    " ",
];

const SORTS: [&str; 6] = [
    "created_at",
    "-updated_at",
    "due",
    "-due",
    "-priority",
    "title",
];

/// A forged cursor is refused, or begins the forger's own list at another place.
#[test]
fn fuzz_cursors() {
    let fuzz = Fuzz::start();
    let cursors: Vec<_> = fuzz.runtime.block_on(async {
        fill(&fuzz.api).await;
        futures_util::future::join_all(SORTS.map(|sort| cursor_of(&fuzz.api, sort))).await
    });
    let keys = lines("cursor-keys.txt");
    let raw = bytes(
        cursors.iter().map(|(_, cursor)| cursor.clone()).collect(),
        &CURSOR_WORDS,
    );
    // A valid digest and ID, and an arbitrary key.
    let keyed = (select(cursors.clone()), select(keys))
        .prop_map(|((query, cursor), key)| (query, [&cursor[..24], key.as_bytes()].concat()));
    let any = (select(cursors), raw).prop_map(|((query, _), cursor)| (query, cursor));
    fuzz.run(
        "cursor",
        prop_oneof![keyed, any],
        async |api, (query, cursor)| {
            let cursor = URL_SAFE_NO_PAD.encode(cursor);
            let cursor = utf8_percent_encode(&cursor, NON_ALPHANUMERIC);
            let answer = api
                .send(Request::list("ann").query(&format!("{query}&cursor={cursor}")))
                .await;
            let expected = (answer.status == 200).then_some(200);
            let own = expected.is_none()
                || answer
                    .json()
                    .as_array()
                    .unwrap()
                    .iter()
                    .all(|task| task["user_id"] == "ann");
            Verdict::of(&answer, expected).and(own, || format!("{answer:?}"))
        },
    );
}
