//! What a search finds, and what it doesn't.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use crate::harness::{Handlers, Request};
use crate::list_filters::{assert_titles, titles, with_tasks};

#[tokio::test]
async fn a_search_finds_text_anywhere_in_a_task_that_has_every_word() {
    let api = with_tasks(&[
        json!({"title": "Buy oat milk", "description": "At the corner-shop, 50% off"}),
        json!({"title": "Milchprodukte kaufen", "description": "für Größe M"}),
        json!({"title": "牛乳を買う"}),
        json!({"title": "mail me@example.com", "description": r"back\slash it's 'quoted' & | ! ( ) : * <->"}),
    ])
    .await;
    let cases: &[(&str, &[&str])] = &[
        ("q=mil", &["Milchprodukte kaufen", "Buy oat milk"]),
        ("q=MILK+bu", &["Buy oat milk"]),
        ("q=milk+kaufen", &[]),
        ("q=ilk", &["Buy oat milk"]),
        ("q=shop", &["Buy oat milk"]),
        ("q=corner-sh", &["Buy oat milk"]),
        ("q=50%25", &["Buy oat milk"]),
        ("q=%25", &["Buy oat milk"]),
        ("q=_", &[]),
        ("q=%E8%B2%B7%E3%81%86", &["牛乳を買う"]),
        ("q=gr%C3%B6%C3%9F", &["Milchprodukte kaufen"]),
        ("q=me@exam", &["mail me@example.com"]),
        ("q=example.com", &["mail me@example.com"]),
        ("q=%5Cslash", &["mail me@example.com"]),
        ("q=it's+'quo", &["mail me@example.com"]),
        ("q=%26+%7C+!+(", &["mail me@example.com"]),
        ("q=':*", &[]),
        ("q=%22", &[]),
        ("q=oat&status=completed", &[]),
    ];
    assert_titles(&api, cases).await;
}

/// Whether the search finds a task with this title.
async fn finds(title: &str, search: &str) -> bool {
    let api = with_tasks(&[json!({"title": title})]).await;
    let query = format!("q={}", utf8_percent_encode(search, NON_ALPHANUMERIC));
    !titles(&api, &query).await.is_empty()
}

#[tokio::test]
async fn a_word_behind_punctuation_is_found_in_any_order() {
    for (title, search) in [
        ("Buy milk/bread at the shop", "bread shop"),
        ("Meet <John> at noon", "noon john"),
        ("Pay invoice 2026-001", "invoice 001"),
        ("Write to anna@example.com about rent", "rent example"),
        ("Send report.pdf to Tim", "pdf tim"),
        ("COVID-19 test", "test 19"),
        ("Call 030-1234 Bob", "bob 1234"),
        ("牛乳を買う", "牛乳 買う"),
        ("snake_case_name in a/path~x", "name path case"),
        ("https://example.com/a?b=c#d", "c#d example ://"),
        ("🛒 milk", "milk 🛒"),
    ] {
        assert!(finds(title, search).await, "{title}: {search}");
    }
}

#[tokio::test]
async fn nothing_in_a_word_is_ignored() {
    for (title, search) in [
        ("Cook book", "C# book"),
        ("Network meeting", ".NET meeting"),
        ("Buy milk", "🛒 milk"),
        ("Buy milk", "milk bread"),
        ("2026 001", "2026-001"),
        ("a b", "a_b"),
        ("50 percent", "50%"),
    ] {
        assert!(!finds(title, search).await, "{title}: {search}");
    }
}

#[tokio::test]
async fn canonically_equivalent_text_is_found_whatever_its_case() {
    for (title, search) in [
        ("Besta\u{308}tigung", "bestätigung"),
        ("Bestätigung", "BESTA\u{308}TIGUNG"),
        ("フ\u{309a}ログラム", "プログラム"),
        ("プログラム", "フ\u{309a}ログラム"),
        ("\u{1112}\u{1161}\u{11ab}국어", "한국어"),
        ("οδυσσευς", "ΟΔΥΣΣΕΥΣ"),
        ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
        ("οδυσσευς", "οδυσσευσ"),
        ("Straße", "STRASSE"),
        ("STRASSE", "straße"),
        ("ﬁle", "FILE"),
        ("\u{212b}ngström", "ångström"),
    ] {
        assert!(finds(title, search).await, "{title}: {search}");
    }
}

#[tokio::test]
async fn a_changed_text_is_found_and_the_former_is_not() {
    let api = Handlers::start().await;
    let id = api.create("ann", "first").await;
    let change = json!({"title": "second", "description": "third"});
    api.send(Request::patch("ann", &id).json(&change))
        .await
        .expect(200);
    assert_eq!(titles(&api, "q=THIRD+second").await, ["second"]);
    assert!(titles(&api, "q=first").await.is_empty());
    api.send(Request::patch("ann", &id).json(&json!({"description": null})))
        .await
        .expect(200);
    assert!(titles(&api, "q=third").await.is_empty());
}

#[tokio::test]
async fn equivalent_tags_are_one_tag_in_its_first_form() {
    let api = with_tasks(&[
        json!({"title": "a", "tags": ["e\u{301}t\u{e9}"]}),
        json!({"title": "b", "tags": ["\u{e9}te\u{301}"]}),
    ])
    .await;
    for tag in ["\u{e9}t\u{e9}", "e\u{301}te\u{301}"] {
        let query = format!("tag={}", utf8_percent_encode(tag, NON_ALPHANUMERIC));
        assert_eq!(titles(&api, &query).await, ["b", "a"], "{tag}");
    }
    let summary = api.send(Request::summarize("ann")).await.expect(200);
    assert_eq!(
        summary["by_tag"],
        json!([{"tag": "e\u{301}t\u{e9}", "pending": 2, "completed": 0}])
    );
    let both = json!({"title": "c", "tags": ["\u{e9}", "e\u{301}"]});
    let refused = api
        .send(Request::create("ann").json(&both))
        .await
        .problem(400);
    assert_eq!(refused["errors"][0]["pointer"], "/tags/1");
}

#[tokio::test]
async fn a_search_of_too_many_words_says_how_many_it_may_have() {
    let api = Handlers::start().await;
    let list = Request::list("ann").query("q=a+b+c+d+e+f+g+h+i+j+k");
    let problem = api.send(list).await.problem(400);
    assert_eq!(
        problem["errors"][0]["detail"],
        "must have at most 10 words, not 11"
    );
}
