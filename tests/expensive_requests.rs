//! Valid requests that are meant to do damage: none costs much more than an ordinary request for
//! the same tasks.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Handlers, Request};

/// The shortest time of five requests, and the status and body of the last answer.
async fn fastest(api: &Handlers, request: &Request) -> (Duration, Value) {
    let (mut least, mut body) = (Duration::MAX, Value::Null);
    for _ in 0..5 {
        let started = Instant::now();
        let answer = api.send(request.clone()).await;
        least = least.min(started.elapsed());
        body = answer.expect(200);
    }
    (least, body)
}

#[tokio::test]
async fn a_search_that_almost_matches_everywhere_costs_little_more() {
    let api = Handlers::start().await;
    let task =
        json!({"operation": "create", "task": {"title": "t", "description": "a".repeat(10_000)}});
    api.send(Request::batch("ann", true, &json!(vec![task; 100])))
        .await
        .expect(200);
    let list = |q: &str| Request::list("ann").query(&format!("limit=1&count=true&q={q}"));

    let (ordinary, none) = fastest(&api, &list("ab")).await;
    assert_eq!(none, json!([]));
    for q in [
        "a".repeat(199) + "b",
        "a".repeat(100) + "b" + &"a".repeat(99),
        "%25a".repeat(100),
        "a%20b%20".repeat(50),
    ] {
        let (nasty, none) = fastest(&api, &list(&q)).await;
        assert_eq!(none, json!([]));
        assert!(
            nasty < 3 * ordinary + Duration::from_millis(20),
            "{q}: {nasty:?}, not {ordinary:?}"
        );
    }
}

#[tokio::test]
async fn a_search_text_is_not_a_pattern() {
    let api = Handlers::start().await;
    let title = r"(a+)+$ [x] .* \d \y ***= (?i) {2} ^|?";
    api.create("ann", title).await;
    for (q, found) in [
        (title, 1),
        (r"\d \y ***= (?", 1),
        (".* ", 1),
        ("***=", 1),
        ("(A+)+$ [X]", 1),
        ("[xz]", 0),
        (".*zz", 0),
        ("(a+)+zz", 0),
        ("%", 0),
        ("_", 0),
    ] {
        let q = percent_encoding::utf8_percent_encode(q, percent_encoding::NON_ALPHANUMERIC);
        let list = api
            .send(Request::list("ann").query(&format!("q={q}")))
            .await
            .expect(200);
        assert_eq!(list.as_array().unwrap().len(), found, "{q}");
    }
}
