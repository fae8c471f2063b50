//! Addresses: path parameters, and everything else that a client can put into an event.

use lambda_http::http::HeaderValue;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use super::mutate::{lines, texts};
use super::{Fuzz, Verdict};
use crate::harness::{Request, event, token};

const PARAMETER_WORDS: [&str; 16] = [
    "USER",
    "TASK",
    "%",
    "%2f",
    "..",
    "/",
    "%00",
    "\0",
    "{",
    "}",
    "urn:uuid:",
    "-",
    "é",
    "me",
    "'",
    "%252e",
];

/// A path parameter is the caller's ID or the task's ID; anything else finds nothing.
#[test]
fn fuzz_path_parameters() {
    let (user, task) = (Just("USER".to_owned()), Just("TASK".to_owned()));
    let parameters = prop_oneof![
        (texts(lines("user-ids.txt"), &PARAMETER_WORDS), task),
        (user, texts(lines("task-ids.txt"), &PARAMETER_WORDS)),
    ];
    Fuzz::start().run("path", parameters, async |api, (user, task)| {
        let id = api.create("a/b%", "t").await;
        let [user, task] =
            [user, task].map(|text| text.replace("TASK", &id).replace("USER", "a/b%"));
        let decoded = percent_encoding::percent_decode_str(&user).decode_utf8_lossy();
        let own = [user.as_str(), &*decoded].contains(&"a/b%") || user == "me";
        let hex = id.replace('-', "");
        let forms = [
            id.clone(),
            hex,
            format!("{{{id}}}"),
            format!("urn:uuid:{id}"),
        ];
        let found = forms.iter().any(|form| form.eq_ignore_ascii_case(&task));
        let answer = api
            .send(Request::get(&user, &task).token(&token("a/b%")))
            .await;
        let refusal = if own { 404 } else { 403 };
        match Verdict::of(&answer, (own && found).then_some(200)) {
            Verdict::Refused if answer.status != refusal => {
                Verdict::Wrong(format!("{user} {task}: {answer:?}"))
            }
            verdict => verdict,
        }
    });
}

/// Everything that a client can put into an event becomes a request.
#[test]
fn fuzz_events() {
    let words = [
        "\"", "a:b", "[", "]", "::1", "@", "#", "?", "\\", " ", "<", "{", "ﷺ", "%", "%zz", "http",
        "://", "\u{7f}",
    ];
    let places = [
        "host",
        "x-forwarded-proto",
        "x-forwarded-for",
        "cookie",
        "rawQueryString",
        "rawPath",
        "domainName",
        "stage",
    ];
    let inputs = (
        select(places.to_vec()),
        texts(lines("addresses.txt"), &words),
        any::<bool>(),
    );
    Fuzz::start().run("event", inputs, async |api, (place, text, known)| {
        let request = if known {
            Request::list("ann")
        } else {
            Request::list("ann").anonymous()
        };
        let mut event = event(&request);
        match place {
            "rawQueryString" => event[place] = json!(text),
            "rawPath" => event[place] = json!(format!("/{text}")),
            "domainName" | "stage" => event["requestContext"][place] = json!(text),
            // The gateway is an HTTP server and lets no other value through.
            _ if HeaderValue::from_str(&text).is_err() => event["headers"][place] = json!("x"),
            _ => event["headers"][place] = json!(text),
        }
        let answer = api.give(&event).await;
        let may_be_refused = place == "rawQueryString" && answer.status == 400;
        Verdict::of(&answer, (known && !may_be_refused).then_some(200))
    });
}
