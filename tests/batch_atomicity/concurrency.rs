//! Batches that run at the same time.

use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Handlers, Reply, Request};

fn operations(kind: &str, ids: &[String]) -> Vec<Value> {
    let operation = |id| match kind {
        "complete" | "delete" => json!({"operation": kind, "id": id}),
        _ => json!({"operation": kind, "id": id, "task": {"title": Uuid::new_v4()}}),
    };
    ids.iter().map(operation).collect()
}

fn new_ids(count: usize) -> Vec<String> {
    (0..count).map(|_| Uuid::now_v7().to_string()).collect()
}

#[tokio::test]
async fn concurrent_batches_of_the_same_tasks_never_fail_because_of_each_other() {
    let api = Handlers::start_with(&[("AWS_LAMBDA_MAX_CONCURRENCY", "8")]).await;
    for round in 0..60 {
        let ids = new_ids(20);
        // Half of the rounds compete for existing tasks, the others for tasks that nobody has
        // stored yet.
        if round % 2 == 0 {
            let create = operations("create", &ids).into();
            let created = api.send(Request::batch("ann", true, &create)).await;
            created.expect(200);
        }
        for answer in compete(&api, &ids).await {
            assert!(answer.status < 500, "round {round}: {answer:?}");
        }
    }
}

/// Sends batches, single updates and an erasure at once, and returns their answers.
async fn compete(api: &Handlers, ids: &[String]) -> Vec<Reply> {
    let backwards: Vec<String> = ids.iter().rev().cloned().collect();
    let batch = |kinds: &[&str], ids: &[String], atomic| {
        let operations: Vec<_> = kinds
            .iter()
            .flat_map(|kind| operations(kind, ids))
            .collect();
        api.send(Request::batch("ann", atomic, &operations.into()))
    };
    let single = |id: &str| api.send(Request::put("ann", id).json(&json!({"title": "single"})));

    let batches = join_all([
        batch(&["create", "update"], ids, false),
        batch(&["create", "complete"], &backwards, false),
        batch(&["update"], &backwards, true),
        batch(&["update", "delete"], ids, false),
        batch(&["create"], ids, true),
        batch(&["create", "delete"], &backwards, false),
    ]);
    let singles = join_all([&ids[0], &ids[19], &ids[7]].map(|id| single(id)));
    let erase = api.send(Request::erase("ann"));
    let (mut answers, singles, erased) = futures_util::join!(batches, singles, erase);
    answers.extend(singles);
    answers.push(erased);
    answers
}

#[tokio::test]
async fn only_one_of_several_atomic_batches_based_on_the_same_state_succeeds() {
    let api = Handlers::start_with(&[("AWS_LAMBDA_MAX_CONCURRENCY", "8")]).await;
    let create = operations("create", &new_ids(10)).into();
    let created = api.send(Request::batch("ann", true, &create)).await;
    let forwards = completions(&created.expect(200));
    let backwards: Vec<Value> = forwards.iter().rev().cloned().collect();

    let batches = [&forwards, &backwards].into_iter().cycle().take(16);
    let batches =
        batches.map(|operations| api.send(Request::batch("ann", true, &json!(operations))));
    let answers = join_all(batches).await;

    let count = |status| {
        answers
            .iter()
            .filter(|answer| answer.status == status)
            .count()
    };
    assert_eq!((count(200), count(409)), (1, 15));
    let list = api
        .send(Request::list("ann").query("status=completed"))
        .await
        .expect(200);
    assert_eq!(list.as_array().unwrap().len(), 10);
}

/// Operations that complete the tasks in the answer to a batch, if they are still as in the answer.
fn completions(answer: &Value) -> Vec<Value> {
    let operation = |result: &Value| {
        let id = &result["task"]["id"];
        json!({"operation": "complete", "id": id, "if_match": result["etag"]})
    };
    let results = answer["results"].as_array().unwrap();
    results.iter().map(operation).collect()
}
