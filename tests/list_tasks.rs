//! `GET /api/v1/{user_id}/tasks`

use serde_json::{Value, json};

use crate::harness::{Handlers, Request};

fn titles(list: &Value) -> Vec<&str> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|task| task["title"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_user_without_tasks_has_an_empty_list() {
    let api = Handlers::start().await;
    assert_eq!(api.send(Request::list("ann")).await.expect(200), json!([]));
}

#[tokio::test]
async fn the_newest_task_comes_first() {
    let api = Handlers::start().await;
    for title in ["first", "second", "third"] {
        api.create("ann", title).await;
    }
    let list = api.send(Request::list("ann")).await.expect(200);
    assert_eq!(titles(&list), ["third", "second", "first"]);
}

#[tokio::test]
async fn tasks_created_at_the_same_time_are_ordered_by_id() {
    let api = Handlers::start().await;
    let insert = "insert into tasks (id, user_id, title)
                  select md5(n::text)::uuid, 'ann', n::text from generate_series(1, 20) n";
    api.database()
        .superuser()
        .await
        .batch_execute(insert)
        .await
        .unwrap();

    let list = api.send(Request::list("ann")).await.expect(200);

    let ids: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|task| task["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), 20);
    assert!(ids.is_sorted_by(|a, b| a > b), "{ids:?}");
}

#[tokio::test]
async fn tasks_are_filtered_by_status() {
    let api = Handlers::start().await;
    api.create("ann", "pending").await;
    let done = api.create("ann", "completed").await;
    api.send(Request::complete("ann", &done).json(&json!({"completed": true})))
        .await
        .expect(200);

    for (query, expected) in [
        ("", vec!["completed", "pending"]),
        ("status=all", vec!["completed", "pending"]),
        ("status=pending", vec!["pending"]),
        ("status=completed", vec!["completed"]),
        ("_unknown=1&status=pending", vec!["pending"]),
    ] {
        let list = api
            .send(Request::list("ann").query(query))
            .await
            .expect(200);
        assert_eq!(titles(&list), expected, "{query}");
    }
}

#[tokio::test]
async fn an_unknown_status_is_refused() {
    let api = Handlers::start().await;
    for (query, expected) in [
        (
            "status=done",
            "status must be `all`, `pending` or `completed`",
        ),
        ("status=", "status must be `all`, `pending` or `completed`"),
        (
            "status=Pending",
            "status must be `all`, `pending` or `completed`",
        ),
        (
            "status=all,pending",
            "status must be `all`, `pending` or `completed`",
        ),
        (
            "status=all&status=pending",
            "status must be given only once",
        ),
    ] {
        let answer = api.send(Request::list("ann").query(query)).await;
        assert_eq!(answer.invalid_fields(), [expected], "{query}");
    }
}

/// The former backend's clients ask for no page, and follow none.
#[tokio::test]
async fn a_list_without_a_limit_holds_all_tasks_of_a_user_at_their_quota() {
    let api = Handlers::start().await;
    let insert = "insert into tasks (id, user_id, title, created_at, updated_at)
                  select md5(n::text)::uuid, 'ann', n::text, t, t
                  from generate_series(1, 10000) n, lateral (select now() + n * interval '1 second') _ (t)";
    api.database()
        .superuser()
        .await
        .batch_execute(insert)
        .await
        .unwrap();

    let answer = api.send(Request::list("ann")).await;

    let list = answer.expect(200);
    let titles = titles(&list);
    assert_eq!(
        (titles.len(), titles[0], titles[9999]),
        (10_000, "10000", "1")
    );
    assert_eq!(answer.header("link"), None);
}
