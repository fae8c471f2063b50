//! The operations of a batch follow each other in time, and users do not wait for each other.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Handlers, Request};

#[tokio::test]
async fn two_states_of_a_task_never_share_an_entity_tag() {
    let api = Handlers::start().await;
    let id = Uuid::new_v4();
    let create = json!({"operation": "create", "id": id, "task": {"title": "t"}});
    let delete = json!({"operation": "delete", "id": id});
    let toggle = json!({"operation": "complete", "id": id});
    let operations = vec![vec![create, toggle.clone(), toggle, delete]; 25].concat();

    let batch = Request::batch("ann", true, &json!(operations));
    let results = api.send(batch).await.expect(200)["results"].clone();

    let tags = results.as_array().unwrap().iter();
    let tags = tags.filter_map(|result| result["etag"].as_str());
    let tags: Vec<_> = tags.collect();
    assert_eq!(tags.len(), 75);
    assert_eq!(tags.iter().collect::<BTreeSet<_>>().len(), 75, "{tags:?}");
}

#[tokio::test]
async fn tasks_of_a_batch_are_listed_in_its_order_whatever_their_ids() {
    let api = Handlers::start().await;
    let titles: Vec<_> = (0..100).map(|number| number.to_string()).collect();
    let operations: Value = (titles.iter())
        .map(|title| json!({"operation": "create", "id": Uuid::new_v4(), "task": {"title": title}}))
        .collect();
    api.send(Request::batch("ann", true, &operations))
        .await
        .expect(200);

    let list = api
        .send(Request::list("ann").query("sort=created_at"))
        .await;

    let list = list.expect(200);
    let listed: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|task| &task["title"])
        .collect();
    assert_eq!(listed, titles.iter().collect::<Vec<_>>());
    let is_new = |task: &Value| task["created_at"] == task["updated_at"];
    assert!(list.as_array().unwrap().iter().all(is_new));
}

/// The lock's former key, a hash that can be inverted.
#[tokio::test]
async fn a_lock_that_another_user_can_choose_delays_nobody() {
    let api = Handlers::start().await;
    let attacker = api.database().superuser().await;
    attacker
        .batch_execute("select pg_advisory_lock(hashtextextended('batch ann', 0))")
        .await
        .unwrap();
    let create = json!([{"operation": "create", "task": {"title": "t"}}]);
    api.send(Request::batch("ann", true, &create))
        .await
        .expect(200);
    api.send(Request::erase("ann")).await.expect(204);
}
