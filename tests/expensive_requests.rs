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
        "a%20b%20".repeat(5),
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

/// The shortest time that PostgreSQL takes to store this description and to complete its task.
async fn write_times(api: &Handlers, description: &str) -> [Duration; 2] {
    let mut least = [Duration::MAX; 2];
    for _ in 0..5 {
        let started = Instant::now();
        let task = json!({"title": "t", "description": description});
        let created = api
            .send(Request::create("ann").json(&task))
            .await
            .expect(201);
        least[0] = least[0].min(started.elapsed());
        let id = created["id"].as_str().unwrap().to_owned();
        let started = Instant::now();
        api.send(Request::complete("ann", &id)).await.expect(200);
        least[1] = least[1].min(started.elapsed());
    }
    least
}

#[tokio::test]
async fn any_text_costs_about_the_same_as_any_other_of_its_length() {
    let api = Handlers::start().await;
    let words = "buy some milk and bread ".repeat(417);
    let ordinary = write_times(&api, &words[..10_000]).await;
    for unit in [
        "a1@",
        "a_",
        "~/",
        "snake_case_",
        "a-",
        "x.",
        "http://",
        "1e",
        "%41",
        "<a b",
        "'",
        "\\",
        "ß",
        "e\u{301}",
        "\u{309a}",
        "🛒",
    ] {
        let text: String = unit.chars().cycle().take(10_000).collect();
        let times = write_times(&api, &text).await;
        for (time, ordinary) in times.into_iter().zip(ordinary) {
            // A megabyte-long answer would be another matter; these are ten thousand characters.
            assert!(
                time < 3 * ordinary + Duration::from_millis(20),
                "{unit}: {times:?}, not {ordinary:?}"
            );
        }
    }
}

#[tokio::test]
async fn the_words_of_a_search_cost_about_the_same_as_any_others() {
    let api = Handlers::start().await;
    let task =
        |text: &str| json!({"operation": "create", "task": {"title": "t", "description": text}});
    let texts = [
        "a_".repeat(5_000),
        "buy milk ".repeat(1_111),
        "ab".repeat(5_000),
    ];
    let batch: Vec<_> = (0..100).map(|n| task(&texts[n % 3])).collect();
    api.send(Request::batch("ann", true, &json!(batch)))
        .await
        .expect(200);
    let list = |q: &str| Request::list("ann").query(&format!("limit=1&count=true&q={q}"));

    let (ordinary, _) = fastest(&api, &list("zebra")).await;
    for q in [
        "a_".repeat(99) + "z",
        "a1@".repeat(66),
        "ab".repeat(99) + "a_",
        "~/".repeat(100),
    ] {
        let (nasty, _) = fastest(&api, &list(&q)).await;
        assert!(
            nasty < 5 * ordinary + Duration::from_millis(20),
            "{q}: {nasty:?}, not {ordinary:?}"
        );
    }
}
