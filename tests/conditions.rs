//! Entity tags: no update is lost, and nothing is sent twice (RFC 9110, section 13).

mod creation;
mod reads;

use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Gateway, Handlers, Reply, Request, TestDatabase};

fn tag(answer: &Reply) -> String {
    let tag = answer
        .header("etag")
        .unwrap_or_else(|| panic!("no ETag: {answer:?}"));
    assert!(
        tag.starts_with('"') && tag.ends_with('"') && tag.len() > 2,
        "{tag} is not strong"
    );
    tag.to_owned()
}

fn id(task: &Value) -> &str {
    task["id"].as_str().unwrap()
}

/// A task of `ann` and its tag.
async fn create(api: &Handlers) -> (Value, String) {
    let created = api
        .send(Request::create("ann").json(&json!({"title": "t"})))
        .await;
    (created.expect(201), tag(&created))
}

#[tokio::test]
async fn every_answer_with_a_task_has_its_tag_and_each_change_moves_it() {
    let api = Handlers::start().await;
    let (task, first) = create(&api).await;
    assert_eq!(tag(&api.send(Request::get("ann", id(&task))).await), first);

    let put = || Request::put("ann", id(&task)).json(&json!({"title": "u"}));
    let second = tag(&api.send(put()).await);
    assert_ne!(second, first);
    assert_eq!(
        tag(&api.send(put()).await),
        second,
        "a change without effect does not move the tag"
    );
    let third = tag(&api.send(Request::complete("ann", id(&task))).await);
    assert_ne!(third, second);
    assert_eq!(tag(&api.send(Request::get("ann", id(&task))).await), third);
}

#[tokio::test]
async fn a_stale_if_match_is_refused_by_every_change_and_changes_nothing() {
    let api = Handlers::start().await;
    let (task, stale) = create(&api).await;
    let put = Request::put("ann", id(&task)).json(&json!({"title": "newer"}));
    let newer = api.send(put).await;
    let weak = format!("W/{}", tag(&newer));
    for condition in [
        stale.as_str(),
        "\"nonsense\"",
        weak.as_str(),
        "\"a\", \"b\"",
    ] {
        for request in changes(id(&task)) {
            let problem = api
                .send(request.header("if-match", condition))
                .await
                .problem(412);
            assert_eq!(
                problem["type"], "/docs/problems#precondition-failed",
                "{condition}"
            );
        }
    }
    assert_eq!(
        api.send(Request::get("ann", id(&task))).await.expect(200),
        newer.expect(200)
    );
}

/// One request of each kind that changes a task.
fn changes(id: &str) -> [Request; 5] {
    [
        Request::put("ann", id).json(&json!({"title": "mine"})),
        Request::patch("ann", id).json(&json!({"title": "mine too"})),
        Request::complete("ann", id).json(&json!({"completed": true})),
        Request::complete("ann", id),
        Request::delete("ann", id),
    ]
}

#[tokio::test]
async fn a_change_with_the_current_tag_succeeds() {
    let api = Handlers::start().await;
    let (task, mut current) = create(&api).await;
    for request in changes(id(&task)) {
        let condition = format!("\"other\", {current} ,, W/\"weak\"");
        let answer = api.send(request.header("if-match", &condition)).await;
        assert!(answer.status < 300, "{answer:?}");
        if answer.status == 200 {
            current = tag(&answer);
        }
    }
    api.send(Request::get("ann", id(&task))).await.problem(404);
}

#[tokio::test]
async fn if_match_with_an_asterisk_accepts_any_state() {
    let api = Handlers::start().await;
    let (task, _) = create(&api).await;
    let put = |id: &str| {
        Request::put("ann", id)
            .json(&json!({"title": "u"}))
            .header("if-match", "*")
    };
    api.send(put(id(&task))).await.expect(200);
    api.send(put(&Uuid::new_v4().to_string()))
        .await
        .problem(404);
}

#[tokio::test]
async fn a_missing_or_foreign_task_is_not_found_whatever_the_condition() {
    let api = Handlers::start().await;
    let his = api.create("bob", "his").await;
    let missing = Uuid::new_v4().to_string();
    for id in [his.as_str(), missing.as_str(), "no-uuid"] {
        for (header, value) in [
            ("if-match", "\"5\""),
            ("if-match", "*"),
            ("if-none-match", "\"5\""),
        ] {
            for request in changes(id) {
                api.send(request.header(header, value)).await.problem(404);
            }
            api.send(Request::get("ann", id).header(header, value))
                .await
                .problem(404);
        }
    }
}

#[tokio::test]
async fn a_malformed_condition_is_refused_and_named() {
    let api = Handlers::start().await;
    let (task, _) = create(&api).await;
    for malformed in ["", "abc", "\"a", "*, \"a\"", "\"a\" \"b\""] {
        let request = Request::get("ann", id(&task))
            .header("if-match", malformed)
            .header("if-none-match", malformed);
        assert_eq!(
            api.send(request).await.invalid_fields(),
            [
                "If-Match must be `*` or entity tags in double quotes",
                "If-None-Match must be `*` or entity tags in double quotes"
            ],
            "{malformed}"
        );
    }
}

#[tokio::test]
async fn one_of_fifty_updates_with_the_same_tag_succeeds() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    let id = api.create("ann", "start").await;
    let current = tag(&api.send(Request::get("ann", &id)).await);
    let updates = (0..50).map(|number| {
        let update = Request::put("ann", &id).json(&json!({"title": format!("number {number}")}));
        api.send(update.header("if-match", &current))
    });
    let answers = join_all(updates).await;
    let statuses = |status| {
        answers
            .iter()
            .filter(|answer| answer.status == status)
            .count()
    };
    assert_eq!((statuses(200), statuses(412)), (1, 49));
    let winner = answers.iter().find(|answer| answer.status == 200).unwrap();
    assert_eq!(
        api.send(Request::get("ann", &id)).await.expect(200),
        winner.expect(200)
    );
}
