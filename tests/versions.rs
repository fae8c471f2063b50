//! Every change of a user's tasks has a number of its own, which is the task's entity tag.

use serde_json::json;
use uuid::Uuid;

use crate::harness::{Handlers, Reply, Request};

fn tag(answer: &Reply) -> String {
    answer.header("etag").unwrap().to_owned()
}

async fn list_tag(api: &Handlers) -> String {
    tag(&api.send(Request::list("ann")).await)
}

fn put_absent(id: &str, title: &str) -> Request {
    Request::put("ann", id)
        .json(&json!({"title": title}))
        .header("if-none-match", "*")
}

#[tokio::test]
async fn what_changes_nothing_moves_no_tag() {
    let api = Handlers::start().await;
    let create = || {
        Request::create("ann")
            .json(&json!({"title": "t"}))
            .header("idempotency-key", "k")
    };
    let id = api.send(create()).await.expect(201)["id"].clone();
    let id = id.as_str().unwrap();
    let missing = Uuid::new_v4().to_string();
    let before = list_tag(&api).await;

    let failing = json!([
        {"operation": "update", "id": id, "task": {"title": "rolled back"}},
        {"operation": "delete", "id": missing},
    ]);
    for request in [
        create(),
        put_absent(id, "taken"),
        Request::put("ann", id).json(&json!({"title": "t"})),
        Request::put("ann", id)
            .json(&json!({"title": "u"}))
            .header("if-match", "\"0\""),
        Request::complete("ann", id).json(&json!({"completed": false})),
        Request::delete("ann", &missing),
        Request::batch("ann", true, &failing),
        Request::list("ann"),
    ] {
        let operation = request.operation;
        api.send(request).await;
        assert_eq!(list_tag(&api).await, before, "{operation}");
    }
    api.create("bob", "his").await;
    assert_eq!(list_tag(&api).await, before, "another user");
}

#[tokio::test]
async fn no_state_of_a_task_has_the_tag_of_another_whatever_happens_between_them() {
    let api = Handlers::start().await;
    let id = Uuid::new_v4().to_string();
    let mut seen = Vec::new();
    for _ in 0..3 {
        for request in [
            put_absent(&id, "same"),
            Request::complete("ann", &id),
            Request::complete("ann", &id),
        ] {
            let answer = api.send(request).await;
            assert!(answer.status < 300, "{answer:?}");
            seen.push(tag(&answer));
        }
        api.send(Request::delete("ann", &id)).await.expect(204);
        let erase = seen.len() > 3;
        if erase {
            api.send(Request::erase("ann")).await.expect(204);
        }
    }
    let count = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), count, "{seen:?}");
}

/// A client keeps the tag that it has when a release adds a field.
#[tokio::test]
async fn a_change_based_on_a_tag_of_another_release_succeeds_and_a_read_is_sent_anew() {
    let api = Handlers::start().await;
    let created = api
        .send(Request::create("ann").json(&json!({"title": "t"})))
        .await;
    let id = created.expect(201)["id"].as_str().unwrap().to_owned();
    let tag = tag(&created);
    let other = format!("{}0000\"", &tag[..tag.len() - 5]);
    assert_ne!(tag, other);

    let get = Request::get("ann", &id);
    api.send(get.clone().header("if-none-match", &other))
        .await
        .expect(200);
    api.send(get.header("if-none-match", &tag))
        .await
        .expect(304);
    let put = Request::put("ann", &id).json(&json!({"title": "u"}));
    api.send(put.header("if-match", &other)).await.expect(200);
}

#[tokio::test]
async fn what_is_overdue_gets_a_new_tag_when_a_due_date_passes() {
    let api = Handlers::start().await;
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_millis(1500);
    let task = json!({"title": "t", "due": soon.to_string()});
    api.send(Request::create("ann").json(&task))
        .await
        .expect(201);
    let overdue = || Request::list("ann").query("overdue=true");
    let before = api.send(overdue()).await;
    assert_eq!(before.expect(200), json!([]));
    let known = overdue().header("if-none-match", &tag(&before));
    api.send(known.clone()).await.expect(304);

    tokio::time::sleep(std::time::Duration::from_millis(1600)).await;

    let after = api.send(known).await;
    assert_eq!(after.expect(200).as_array().unwrap().len(), 1);
}
