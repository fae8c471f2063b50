//! Users are isolated from each other without exception: these tests attack, and assume nothing.

mod row_level_security;

use serde_json::{Value, json};
use shared::store::database::{Access, Repeat};
use tokio_postgres::types::Type;

use crate::harness::{Handlers, Request, TestDatabase};

#[tokio::test]
async fn no_operation_reaches_another_users_task() {
    attack_with_every_operation(Handlers::start().await).await;
}

#[tokio::test]
async fn the_filter_of_each_statement_isolates_even_without_row_level_security() {
    let api = Handlers::start().await;
    let disable = "alter table tasks disable row level security;
                   alter table idempotency_keys disable row level security";
    api.database()
        .superuser()
        .await
        .batch_execute(disable)
        .await
        .unwrap();
    attack_with_every_operation(api).await;
}

async fn attack_with_every_operation(api: Handlers) {
    let his = api.create("bob", "his").await;
    let before = api.send(Request::get("bob", &his)).await.expect(200);
    attack_one_by_one(&api, &his).await;
    attack_with_batches(&api, &his).await;
    find_nothing(&api).await;
    use_the_same_id(&api, &his).await;
    use_the_same_key(&api).await;
    let after = api.send(Request::get("bob", &his)).await.expect(200);
    assert_eq!(after, before);
}

async fn attack_one_by_one(api: &Handlers, his: &str) {
    let requests = Request::every_operation("ann", his);
    for request in requests
        .into_iter()
        .filter(|request| request.task_id.is_some())
    {
        api.send(request).await.problem(404);
    }
    api.send(Request::complete("ann", his)).await.problem(404);
}

async fn find_nothing(api: &Handlers) {
    for query in [
        "",
        "status=pending",
        "status=completed",
        "sort=title",
        "q=his",
        "overdue=false",
    ] {
        let list = Request::list("ann").query(&format!("{query}&count=true"));
        let list = api.send(list).await;
        assert_eq!(list.expect(200), json!([]));
        assert_eq!(list.header("x-total-count"), Some("0"));
    }
    let export = api.send(Request::export("ann")).await.expect(200);
    assert_eq!(export["tasks"], json!([]));
    let summary = api.send(Request::summarize("ann")).await.expect(200);
    assert_eq!(summary["total"], 0);
    assert_eq!(summary["by_tag"], json!([]));
}

async fn attack_with_batches(api: &Handlers, his: &str) {
    let batch: Vec<_> = ["update", "complete", "delete"]
        .map(|kind| operation(kind, his))
        .into();
    for if_match in [json!("*"), json!("\"1\"")] {
        let mut batch = batch.clone();
        for operation in &mut batch {
            operation["if_match"] = if_match.clone();
        }
        attack_with_batch(api, batch).await;
    }
    attack_with_batch(api, batch).await;
}

/// Ann may use the ID of Bob's task: it then means her own task.
async fn use_the_same_id(api: &Handlers, his: &str) {
    let own = json!([
        operation("create", his),
        operation("update", his),
        operation("delete", his)
    ]);
    for atomic in [true, false] {
        let batch = Request::batch("ann", atomic, &own);
        let results = api.send(batch).await.expect(200)["results"].clone();
        let statuses = [0, 1, 2].map(|index| results[index]["status"].as_u64().unwrap());
        assert_eq!(statuses, [201, 200, 204]);
    }
    let put = Request::put("ann", his)
        .json(&json!({"title": "hers"}))
        .header("if-none-match", "*");
    api.send(put).await.expect(201);
}

/// Ann may use Bob's idempotency key, and erase all that is hers.
async fn use_the_same_key(api: &Handlers) {
    let keyed = |user| {
        Request::create(user)
            .json(&json!({"title": "keyed"}))
            .header("idempotency-key", "k")
    };
    let his = api.send(keyed("bob")).await.expect(201);
    let hers = api.send(keyed("ann")).await.expect(201);
    assert_ne!(hers["id"], his["id"]);
    api.send(Request::erase("ann")).await.expect(204);
    assert_eq!(api.send(keyed("bob")).await.expect(201), his);
}

fn operation(kind: &str, id: &str) -> Value {
    let mut operation = json!({"operation": kind, "id": id});
    if matches!(kind, "create" | "update") {
        operation["task"] = json!({"title": "taken", "tags": ["taken"]});
    }
    operation
}

/// Each operation names another user's task and must be answered as if that task did not exist.
async fn attack_with_batch(api: &Handlers, batch: Vec<Value>) {
    let batch = json!(batch);
    let results = api
        .send(Request::batch("ann", false, &batch))
        .await
        .expect(200)["results"]
        .clone();
    let failures = api
        .send(Request::batch("ann", true, &batch))
        .await
        .problem(409)["errors"]
        .clone();
    for list in [results, failures] {
        let list = list.as_array().unwrap();
        assert_eq!(list.len(), 3);
        assert!(
            list.iter().all(|result| result["status"] == 404),
            "{list:?}"
        );
    }
}

#[tokio::test]
async fn nothing_of_a_caller_stays_on_the_connection() {
    let database = TestDatabase::create().await;
    let client = shared::store::database::connect(&database.url().parse().unwrap())
        .await
        .unwrap();
    let left = "select current_user::text, coalesce(current_setting('app.user_id', true), ''),
                       current_setting('statement_timeout')";
    let settings = async || {
        let row = client.query_one(left, &[]).await.unwrap();
        (
            row.get::<_, String>(0),
            row.get::<_, String>(1),
            row.get::<_, String>(2),
        )
    };
    let before = settings().await;

    client.batch_execute("begin").await.unwrap();
    client
        .query_typed(
            Access::Write(Repeat::Unsafe).settings(),
            &[
                (&"ann", Type::TEXT),
                (&"1000", Type::TEXT),
                (&4, Type::INT4),
            ],
        )
        .await
        .unwrap();
    assert_eq!(
        settings().await,
        ("todo_app".into(), "ann".into(), "1s".into())
    );
    client.batch_execute("commit").await.unwrap();

    assert_eq!(settings().await, before);
}
