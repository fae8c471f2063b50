//! Entity tags: no update is lost, and nothing is sent twice (RFC 9110, section 13).

use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Gateway, Handlers, Reply, Request, TestDatabase, token};

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
async fn an_answer_that_the_client_already_has_is_not_sent_again() {
    let api = Handlers::start().await;
    let (task, current) = create(&api).await;
    let list = tag(&api.send(Request::list("ann")).await);
    for (request, current) in [
        (Request::get("ann", id(&task)), &current),
        (Request::list("ann"), &list),
    ] {
        for condition in [
            current.clone(),
            format!("W/{current}"),
            format!("\"x\", {current}"),
            "*".into(),
        ] {
            let answer = api
                .send(request.clone().header("if-none-match", &condition))
                .await;
            assert_eq!(
                (answer.status, answer.body.as_str()),
                (304, ""),
                "{condition}"
            );
            assert_eq!(&tag(&answer), current);
        }
        api.send(request.header("if-none-match", "\"other\""))
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn an_answer_other_than_the_one_that_the_client_requires_is_not_sent() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    let id = api.create("ann", "t").await;
    let authorization = format!("Bearer {}", token("ann"));
    let authorization = ("authorization", authorization.as_str());
    for path in [
        format!("/api/v1/ann/tasks/{id}"),
        "/api/v1/ann/tasks".to_owned(),
    ] {
        let tag = tag(&api.http("GET", &path, &[authorization]).await);
        let weak = format!("W/{tag}");
        let several = format!("\"other\", {tag}");
        for (condition, status) in [
            (tag.as_str(), 200),
            (several.as_str(), 200),
            ("*", 200),
            (weak.as_str(), 412),
            ("\"other\"", 412),
            ("other", 400),
        ] {
            for method in ["GET", "HEAD"] {
                let headers = [authorization, ("if-match", condition)];
                let answer = api.http(method, &path, &headers).await;
                assert_eq!(answer.status, status, "{method} {path} {condition}");
            }
            if status == 412 {
                let both = [
                    authorization,
                    ("if-match", condition),
                    ("if-none-match", "*"),
                ];
                let problem = api.http("GET", &path, &both).await.problem(412);
                assert_eq!(problem["type"], "/docs/problems#precondition-failed");
            }
        }
    }
    for (condition, status) in [("*", 200), ("\"other\"", 412)] {
        let answer = api.http("GET", "/docs", &[("if-match", condition)]).await;
        assert_eq!(answer.status, status, "{condition}");
    }
}

#[tokio::test]
async fn a_cache_that_revalidates_keeps_the_content_type() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    let id = api.create("ann", "t").await;
    let authorization = format!("Bearer {}", token("ann"));
    for path in [
        format!("/api/v1/ann/tasks/{id}"),
        "/api/v1/ann/tasks".to_owned(),
        "/docs".to_owned(),
        "/docs/problems".to_owned(),
        "/docs/swagger-ui.css".to_owned(),
        "/openapi.json".to_owned(),
    ] {
        let authorization = ("authorization", authorization.as_str());
        let full = api.http("GET", &path, &[authorization]).await;
        assert_eq!(full.status, 200, "{path}");
        let tag = ("if-none-match", full.header("etag").unwrap());
        let fresh = api.http("GET", &path, &[authorization, tag]).await;
        assert_eq!((fresh.status, fresh.body.as_str()), (304, ""), "{path}");
        for name in ["content-type", "cache-control", "etag", "vary"] {
            assert_eq!(fresh.header(name), full.header(name), "{name} of {path}");
        }
    }
}

#[tokio::test]
async fn the_tag_of_a_list_moves_with_everything_the_list_shows() {
    let api = Handlers::start().await;
    let mut seen = vec![tag(&api.send(Request::list("ann")).await)];
    let (task, _) = create(&api).await;
    let other = api.create("ann", "other").await;
    let mut moved = async |api: &Handlers, request: Request| {
        api.send(request).await;
        let now = tag(&api.send(Request::list("ann")).await);
        assert!(!seen.contains(&now), "{now}");
        seen.push(now);
    };
    moved(
        &api,
        Request::put("ann", id(&task)).json(&json!({"title": "u"})),
    )
    .await;
    moved(&api, Request::complete("ann", id(&task))).await;
    moved(&api, Request::delete("ann", &other)).await;
    moved(&api, Request::create("ann").json(&json!({"title": "t"}))).await;
    let counted = tag(&api.send(Request::list("ann").query("count=true")).await);
    assert!(!seen.contains(&counted));
}

#[tokio::test]
async fn a_client_may_choose_the_id_of_a_new_task() {
    let api = Handlers::start().await;
    let id = Uuid::new_v4().to_string();
    let put = |title: &str| {
        let body = json!({"title": title, "priority": "low", "id": "ignored"});
        Request::put("ann", &id)
            .json(&body)
            .header("if-none-match", "*")
    };

    let created = api.send(put("offline")).await;

    let task = created.expect(201);
    assert_eq!(
        (&task["id"], &task["title"], &task["priority"]),
        (&json!(id), &json!("offline"), &json!("low"))
    );
    assert_eq!(
        created.header("location"),
        Some(format!("/api/v1/ann/tasks/{id}").as_str())
    );
    api.send(put("again")).await.problem(412);
    let read = api.send(Request::get("ann", &id)).await;
    assert_eq!((read.expect(200), tag(&read)), (task, tag(&created)));
}

#[tokio::test]
async fn two_users_may_use_the_same_id_for_two_tasks() {
    let api = Handlers::start().await;
    let id = Uuid::new_v4().to_string();
    for user in ["ann", "bob"] {
        let body = json!({"title": user});
        api.send(
            Request::put(user, &id)
                .json(&body)
                .header("if-none-match", "*"),
        )
        .await
        .expect(201);
    }
    for user in ["ann", "bob"] {
        assert_eq!(
            api.send(Request::get(user, &id)).await.expect(200)["title"],
            user
        );
    }
    api.send(Request::delete("ann", &id)).await.expect(204);
    api.send(Request::get("bob", &id)).await.expect(200);
}

#[tokio::test]
async fn only_a_put_with_if_none_match_asterisk_creates_a_task() {
    let api = Handlers::start().await;
    let id = Uuid::new_v4().to_string();
    let body = json!({"title": "t"});
    api.send(Request::put("ann", &id).json(&body))
        .await
        .problem(404);
    api.send(
        Request::patch("ann", &id)
            .json(&body)
            .header("if-none-match", "*"),
    )
    .await
    .problem(404);
    let both = Request::put("ann", &id)
        .json(&body)
        .header("if-none-match", "*")
        .header("if-match", "*");
    api.send(both).await.problem(404);
    let no_uuid = Request::put("ann", "mine")
        .json(&body)
        .header("if-none-match", "*");
    assert_eq!(
        api.send(no_uuid).await.invalid_fields(),
        ["task_id must be a UUID"]
    );
    let untitled = Request::put("ann", &id)
        .json(&json!({"tags": ["a"]}))
        .header("if-none-match", "*");
    assert_eq!(
        api.send(untitled).await.invalid_fields(),
        ["/title is required"]
    );
    assert_eq!(api.send(Request::list("ann")).await.expect(200), json!([]));
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
