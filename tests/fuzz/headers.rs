//! Headers: conditions, idempotency keys and tokens.

use std::sync::LazyLock;

use proptest::prelude::*;
use regex::Regex;
use serde_json::json;

use super::mutate::{header_values, lines};
use super::{Fuzz, Verdict};
use crate::harness::{Request, token};

/// A list of entity tags (RFC 9110, sections 5.6.1.2 and 8.8.3).
static TAGS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"^[ \t,]*(W/)?"[!#-~[:^ascii:]]*"([ \t]*,[ \t,]*(W/)?"[!#-~[:^ascii:]]*")*[ \t,]*$"#,
    )
    .unwrap()
});
static TAG: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"(W/)?"([^"]*)""#).unwrap());
/// A bare key, and a key as a quoted string of RFC 8941.
static KEY: LazyLock<Regex> = LazyLock::new(|| Regex::new("^[!#-~][!-~]{0,254}$").unwrap());
static QUOTED_KEY: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"^"((?:[!#-\[\]-~]|\\["\\]){1,255})"$"#).unwrap());
static ESCAPE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\\(.)").unwrap());

/// The tags of a list and whether each is weak, or nothing if it is not a list of tags.
fn entity_tags(value: &str) -> Option<Vec<(bool, String)>> {
    let tags = TAG
        .captures_iter(value)
        .map(|tag| (tag.get(1).is_some(), tag[2].to_owned()));
    TAGS.is_match(value).then(|| tags.collect())
}

const CONDITIONS: [&str; 14] = [
    "*",
    ",",
    "\"",
    "W/",
    "w/",
    " ",
    "\t",
    "\"\"",
    "TAG",
    "W/TAG",
    "é",
    "\\\"",
    "\"7fffffffffffffff\"",
    "\"-1\"",
];

#[test]
fn fuzz_if_none_match() {
    Fuzz::start().run(
        "if-none-match",
        header_values(lines("conditions.txt"), &CONDITIONS),
        async |api, value| {
            let created = api
                .send(Request::create("ann").json(&json!({"title": "t"})))
                .await;
            let (id, tag) = (
                created.json()["id"].clone(),
                created.header("etag").unwrap().to_owned(),
            );
            let value = value.replace("TAG", &tag);
            let expected = match entity_tags(&value) {
                _ if value.trim() == "*" => Some(304),
                Some(tags) if tags.iter().any(|(_, one)| format!("\"{one}\"") == tag) => Some(304),
                tags => tags.map(|_| 200),
            };
            let request = Request::get("ann", id.as_str().unwrap()).header("if-none-match", &value);
            Verdict::of(&api.send(request).await, expected)
        },
    );
}

#[test]
fn fuzz_if_match() {
    Fuzz::start().run(
        "if-match",
        header_values(lines("conditions.txt"), &CONDITIONS),
        async |api, value| {
            let created = api
                .send(Request::create("ann").json(&json!({"title": "t"})))
                .await;
            let (id, tag) = (
                created.json()["id"].as_str().unwrap().to_owned(),
                created.header("etag").unwrap().to_owned(),
            );
            let value = value.replace("TAG", &tag);
            let tags = entity_tags(&value);
            let names_it = tags
                .iter()
                .flatten()
                .any(|(weak, one)| !weak && format!("\"{one}\"") == tag);
            let holds = value.trim() == "*" || names_it;
            let answer = api
                .send(
                    Request::patch("ann", &id)
                        .json(&json!({"title": "u"}))
                        .header("if-match", &value),
                )
                .await;
            let title = api.send(Request::get("ann", &id)).await.json()["title"].clone();
            let refusal = if tags.is_some() { 412 } else { 400 };
            match Verdict::of(&answer, holds.then_some(200)) {
                Verdict::Refused if answer.status == refusal && title == "t" => Verdict::Refused,
                Verdict::Refused => Verdict::Wrong(format!(
                    "{value} is answered {answer:?}, and stored is {title}"
                )),
                verdict => verdict.and(title == "u", || format!("{value} stored {title}")),
            }
        },
    );
}

/// The key in a header's value, which is bare or a quoted string.
fn key(value: &str) -> Option<String> {
    let value = value.trim_matches([' ', '\t']);
    let unquoted = || {
        Some(
            ESCAPE
                .replace_all(&QUOTED_KEY.captures(value)?[1], "$1")
                .into_owned(),
        )
    };
    if KEY.is_match(value) {
        Some(value.to_owned())
    } else {
        unquoted()
    }
}

const KEY_WORDS: [&str; 12] = [
    "\"",
    "\\",
    "\\\"",
    " ",
    ",",
    ";",
    "\t",
    "é",
    "\u{200b}",
    "''",
    "%00",
    "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk",
];

#[test]
fn fuzz_idempotency_keys() {
    let inputs = (
        header_values(lines("idempotency-keys.txt"), &KEY_WORDS),
        any::<u32>(),
    );
    Fuzz::start().run("idempotency-key", inputs, async |api, (value, title)| {
        let create = |title: u32| Request::create("ann").json(&json!({"title": title.to_string()}));
        let answer = api
            .send(create(title).header("idempotency-key", &value))
            .await;
        let Some(key) = key(&value) else {
            return Verdict::of(&answer, None);
        };
        if answer.status == 422 {
            // An earlier request has used it.
            return Verdict::Refused;
        }
        let quoted = format!("\"{}\"", key.replace('\\', "\\\\").replace('"', "\\\""));
        let again = api
            .send(create(title).header("idempotency-key", &quoted))
            .await;
        let replayed =
            again.header("idempotency-replayed") == Some("true") && again.json() == answer.json();
        Verdict::of(&answer, Some(201)).and(replayed, || {
            format!("{value} was not the key {key}: {again:?}")
        })
    });
}

const TOKEN_WORDS: [&str; 13] = [
    "TOKEN",
    "Bearer ",
    "bearer\t",
    " ",
    ".",
    ",",
    "=",
    "e30",
    "eyJhbGciOiJub25lIn0",
    "\"",
    "é",
    "A",
    "-_",
];

/// A mutated token is refused unless it equals the one that was signed.
#[test]
fn fuzz_authorization() {
    let good = token("ann");
    Fuzz::start().run(
        "authorization",
        header_values(lines("authorization.txt"), &TOKEN_WORDS),
        async |api, value| {
            let value = value.replace("TOKEN", &good);
            let is_good = value.split_once(' ').is_some_and(|(scheme, token)| {
                scheme.eq_ignore_ascii_case("bearer") && token.trim_matches(' ') == good
            });
            let answer = api
                .send(
                    Request::list("ann")
                        .anonymous()
                        .header("authorization", &value),
                )
                .await;
            let named = is_good
                || matches!(answer.status, 400 | 401)
                    && answer.header("www-authenticate").is_some();
            if named {
                Verdict::of(&answer, is_good.then_some(200))
            } else {
                Verdict::Wrong(format!("{value}: {answer:?}"))
            }
        },
    );
}
