//! An atomic batch succeeds or fails as a whole, even among concurrent requests and outages.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use crate::harness::{Gateway, Handlers, Proxy, Request, TestDatabase};

fn operations(kind: &str, ids: &[String]) -> Vec<Value> {
    let operation = |id| match kind {
        "complete" | "delete" => json!({"operation": kind, "id": id}),
        _ => json!({"operation": kind, "id": id, "task": {"title": Uuid::new_v4()}}),
    };
    ids.iter().map(operation).collect()
}

#[tokio::test]
async fn when_an_operation_fails_nothing_changes_and_every_failure_is_reported() {
    let api = Handlers::start().await;
    let id = api.create("ann", "t").await;
    let his = api.create("bob", "his").await;
    let before = api.send(Request::list("ann")).await.expect(200);
    let batch = json!([
        {"operation": "create", "task": {"title": "new"}},
        {"operation": "update", "id": id, "task": {"title": "changed"}},
        {"operation": "update", "id": Uuid::new_v4(), "task": {"title": "changed"}},
        {"operation": "complete", "id": id},
        {"operation": "create", "id": id, "task": {"title": "taken"}},
        {"operation": "delete", "id": his},
        {"operation": "delete", "id": id, "if_match": "\"1\""},
        {"operation": "delete", "id": id},
    ]);

    let problem = api
        .send(Request::batch("ann", true, &batch))
        .await
        .problem(409);

    assert_eq!(problem["type"], "/docs/problems#batch-failed");
    assert_eq!(
        problem["detail"],
        "Nothing was changed, because 4 operations failed."
    );
    let not_found = "You have no task with this ID.";
    let stale = "The condition in If-Match or If-None-Match is false for the task's current state. Get the task and decide again.";
    assert_eq!(
        problem["errors"],
        json!([
            {"pointer": "/operations/2", "status": 404, "detail": not_found},
            {"pointer": "/operations/4", "status": 409, "detail": "You already have a task with this ID."},
            {"pointer": "/operations/5", "status": 404, "detail": not_found},
            {"pointer": "/operations/6", "status": 412, "detail": stale},
        ])
    );
    assert_eq!(api.send(Request::list("ann")).await.expect(200), before);
    api.send(Request::get("bob", &his)).await.expect(200);
    // The connection still works.
    api.send(Request::batch("ann", true, &json!([batch[1]])))
        .await
        .expect(200);
}

#[tokio::test]
async fn a_batch_whose_answer_was_lost_is_not_repeated_behind_the_clients_back() {
    let database = TestDatabase::create().await;
    let proxy = Proxy::start(database.port()).await.unwrap();
    let api = Gateway::start_on(&proxy.through(&database.url())).await;
    let id = api.create("ann", "t").await;
    let create = json!({"operation": "create", "task": {"title": "new"}});
    let toggle = json!([create, {"operation": "complete", "id": id}]);
    for atomic in [true, false] {
        let count = async || {
            api.send(Request::list("ann"))
                .await
                .expect(200)
                .as_array()
                .unwrap()
                .len()
        };
        api.send(Request::batch("ann", atomic, &toggle))
            .await
            .expect(200);
        let before = count().await;

        proxy.lose_next_answer();
        api.send(Request::batch("ann", atomic, &toggle))
            .await
            .problem(503);

        // It ran once: a second toggle would have set it back to `true`.
        assert_eq!(
            api.send(Request::get("ann", &id)).await.expect(200)["completed"],
            false
        );
        assert_eq!(count().await, before + 1);
        api.send(Request::complete("ann", &id).json(&json!({"completed": false})))
            .await
            .expect(200);
    }
    drop(database);
}

/// A recorded failure belongs to its transaction, not to the connection.
#[tokio::test]
async fn a_failure_affects_only_its_own_batch() {
    let api = Handlers::start().await;
    let id = api.create("ann", "t").await;
    let missing = json!({"operation": "delete", "id": Uuid::new_v4()});
    let complete = json!({"operation": "complete", "id": id});
    for _ in 0..3 {
        api.send(Request::batch("ann", true, &json!([complete, missing])))
            .await
            .problem(409);
        api.send(Request::batch("ann", true, &json!([complete])))
            .await
            .expect(200);
        let each = api
            .send(Request::batch("ann", false, &json!([missing, complete])))
            .await
            .expect(200);
        assert_eq!(
            (&each["results"][0]["status"], &each["results"][1]["status"]),
            (&json!(404), &json!(200))
        );
        api.send(Request::delete("ann", &Uuid::new_v4().to_string()))
            .await
            .problem(404);
    }
}

#[tokio::test]
async fn a_statement_rejected_by_the_database_undoes_the_whole_batch() {
    let api = Handlers::start().await;
    let refuse = "alter table tasks add constraint refused check (title <> 'refused')";
    api.database()
        .superuser()
        .await
        .batch_execute(refuse)
        .await
        .unwrap();
    let titles = ["fine", "refused", "fine as well"];
    let batch: Value = titles
        .iter()
        .map(|title| json!({"operation": "create", "task": {"title": title}}))
        .collect();
    for atomic in [true, false] {
        api.send(Request::batch("ann", atomic, &batch))
            .await
            .problem(500);
        assert_eq!(api.send(Request::list("ann")).await.expect(200), json!([]));
    }
}

#[tokio::test]
async fn an_abandoned_transaction_releases_its_locks() {
    let database = TestDatabase::create().await;
    let vanished = shared::store::database::connect(&database.url().parse().unwrap())
        .await
        .unwrap();
    vanished.batch_execute("begin").await.unwrap();
    let settings: [(&(dyn ToSql + Sync), Type); 3] =
        [(&"ann", Type::TEXT), (&"100", Type::TEXT), (&4, Type::INT4)];
    vanished
        .query_typed(shared::store::database::SETTINGS, &settings)
        .await
        .unwrap();
    vanished
        .batch_execute("select pg_advisory_xact_lock(1)")
        .await
        .unwrap();

    let other = shared::store::database::connect(&database.url().parse().unwrap())
        .await
        .unwrap();
    other
        .batch_execute("set statement_timeout = '5s'; select pg_advisory_lock(1)")
        .await
        .unwrap();

    assert!(vanished.batch_execute("commit").await.is_err());
}

#[tokio::test]
async fn concurrent_batches_of_the_same_tasks_never_fail_because_of_each_other() {
    let api = Handlers::start_with(&[("AWS_LAMBDA_MAX_CONCURRENCY", "8")]).await;
    for round in 0..60 {
        let ids: Vec<String> = (0..20).map(|_| Uuid::now_v7().to_string()).collect();
        let backwards: Vec<String> = ids.iter().rev().cloned().collect();
        // Half of the rounds compete for existing tasks, the others for tasks that nobody has
        // stored yet.
        if round % 2 == 0 {
            api.send(Request::batch(
                "ann",
                true,
                &operations("create", &ids).into(),
            ))
            .await
            .expect(200);
        }
        let batch = |kinds: &[&str], ids: &[String], atomic| {
            let operations: Vec<_> = kinds
                .iter()
                .flat_map(|kind| operations(kind, ids))
                .collect();
            api.send(Request::batch("ann", atomic, &operations.into()))
        };
        let single = |id: &str| api.send(Request::put("ann", id).json(&json!({"title": "single"})));

        let answers = join_all([
            batch(&["create", "update"], &ids, false),
            batch(&["create", "complete"], &backwards, false),
            batch(&["update"], &backwards, true),
            batch(&["update", "delete"], &ids, false),
            batch(&["create"], &ids, true),
            batch(&["create", "delete"], &backwards, false),
        ]);
        let singles = join_all([&ids[0], &ids[19], &ids[7]].map(|id| single(id)));
        let erase = api.send(Request::erase("ann"));
        let (answers, singles, erased) = futures_util::join!(answers, singles, erase);

        for answer in answers.iter().chain(&singles).chain([&erased]) {
            assert!(answer.status < 500, "round {round}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn only_one_of_several_atomic_batches_based_on_the_same_state_succeeds() {
    let api = Handlers::start_with(&[("AWS_LAMBDA_MAX_CONCURRENCY", "8")]).await;
    let tags = |results: &Value| -> Vec<Value> {
        let operation = |result: &Value| {
            let id = &result["task"]["id"];
            json!({"operation": "complete", "id": id, "if_match": result["etag"]})
        };
        results["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(operation)
            .collect()
    };
    let ids: Vec<String> = (0..10).map(|_| Uuid::now_v7().to_string()).collect();
    let created = api
        .send(Request::batch(
            "ann",
            true,
            &operations("create", &ids).into(),
        ))
        .await;
    let forwards = tags(&created.expect(200));
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
