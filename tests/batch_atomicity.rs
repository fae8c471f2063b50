//! An atomic batch succeeds or fails as a whole, even among concurrent requests and outages.

mod concurrency;

use serde_json::{Value, json};
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use crate::harness::{Gateway, Handlers, Proxy, Request, TestDatabase};

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
    assert_eq!(problem["errors"], four_failures());
    assert_eq!(api.send(Request::list("ann")).await.expect(200), before);
    api.send(Request::get("bob", &his)).await.expect(200);
    // The connection still works.
    api.send(Request::batch("ann", true, &json!([batch[1]])))
        .await
        .expect(200);
}

/// The errors of the batch above.
fn four_failures() -> Value {
    let not_found = "You have no task with this ID.";
    let taken = "You already have a task with this ID.";
    let stale = "The condition in If-Match or If-None-Match is false for the task's current state. Get the task and decide again.";
    json!([
        {"pointer": "/operations/2", "status": 404, "detail": not_found},
        {"pointer": "/operations/4", "status": 409, "detail": taken},
        {"pointer": "/operations/5", "status": 404, "detail": not_found},
        {"pointer": "/operations/6", "status": 412, "detail": stale},
    ])
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
        .query_typed(shared::store::database::Access::Read.settings(), &settings)
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
