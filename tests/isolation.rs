//! Users are isolated from each other without exception: attacked, not assumed.

use axum::extract::State;
use serde_json::{Value, json};
use shared::db::{Repeat, SETTINGS, Statement};
use shared::{Answer, Caller, Database, Json};
use tokio_postgres::types::Type;

use crate::harness::{self, Handlers, Request};

/// Runs a statement that forgot to filter by user; the ids that it touched.
async fn run(
    database: &Database,
    caller: &Caller,
    statement: &'static str,
) -> Answer<Json<Vec<String>>> {
    let rows = database
        .run(caller, Statement::new(statement), Repeat::Unsafe)
        .await?;
    Ok(Json(rows.iter().map(|row| row.get(0)).collect()))
}

async fn select_all(caller: Caller, State(database): State<Database>) -> Answer<Json<Vec<String>>> {
    run(&database, &caller, "select id::text from tasks").await
}

async fn select_all_keys(
    caller: Caller,
    State(database): State<Database>,
) -> Answer<Json<Vec<String>>> {
    run(&database, &caller, "select key from idempotency_keys").await
}

async fn delete_all_keys(
    caller: Caller,
    State(database): State<Database>,
) -> Answer<Json<Vec<String>>> {
    run(
        &database,
        &caller,
        "delete from idempotency_keys returning key",
    )
    .await
}

async fn update_all(caller: Caller, State(database): State<Database>) -> Answer<Json<Vec<String>>> {
    run(
        &database,
        &caller,
        "update tasks set title = 'taken' returning id::text",
    )
    .await
}

async fn give_all_away(
    caller: Caller,
    State(database): State<Database>,
) -> Answer<Json<Vec<String>>> {
    run(
        &database,
        &caller,
        "update tasks set user_id = 'bob' returning id::text",
    )
    .await
}

async fn insert_for_bob(
    caller: Caller,
    State(database): State<Database>,
) -> Answer<Json<Vec<String>>> {
    let insert = "insert into tasks (id, user_id, title) values (gen_random_uuid(), 'bob', 't') returning id::text";
    run(&database, &caller, insert).await
}

async fn delete_all(caller: Caller, State(database): State<Database>) -> Answer<Json<Vec<String>>> {
    run(&database, &caller, "delete from tasks returning id::text").await
}

/// As an atomic batch does, of which an operation failed.
async fn delete_all_but_store_nothing(
    caller: Caller,
    State(database): State<Database>,
) -> Answer<Json<Vec<String>>> {
    let statements = [
        "select id::text from tasks",
        "delete from tasks returning id::text",
    ]
    .map(Statement::new);
    let condition = Statement::new("select 'nothing is to be stored'::int");
    let (results, stored) = database
        .run_all_if(&caller, &statements, &condition)
        .await?;
    assert!(!stored);
    Ok(Json(
        results.iter().flatten().map(|row| row.get(0)).collect(),
    ))
}

async fn fail_then_select_all(
    caller: Caller,
    State(database): State<Database>,
) -> Answer<Json<Vec<String>>> {
    assert!(
        run(&database, &caller, "select (1 / 0)::text")
            .await
            .is_err()
    );
    select_all(caller, State(database)).await
}

#[tokio::test]
async fn no_operation_reaches_another_users_task() {
    attack_with_every_operation(Handlers::start().await).await;
}

#[tokio::test]
async fn the_filter_of_each_statement_alone_isolates_without_row_level_security() {
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
    for request in Request::every_operation("ann", &his)
        .into_iter()
        .filter(|request| request.task_id.is_some())
    {
        api.send(request).await.problem(404);
    }
    api.send(Request::complete("ann", &his)).await.problem(404);
    for query in [
        "",
        "status=pending",
        "status=completed",
        "sort=title",
        "q=his",
        "overdue=false",
    ] {
        let list = api
            .send(Request::list("ann").query(&format!("{query}&count=true")))
            .await;
        assert_eq!(
            (list.expect(200), list.header("x-total-count")),
            (json!([]), Some("0"))
        );
    }
    assert_eq!(
        api.send(Request::export("ann")).await.expect(200)["tasks"],
        json!([])
    );
    let batch: Vec<_> = ["update", "complete", "delete"]
        .map(|kind| operation(kind, &his))
        .into();
    for if_match in [json!("*"), json!("\"1\"")] {
        let mut batch = batch.clone();
        for operation in &mut batch {
            operation["if_match"] = if_match.clone();
        }
        attack_with_batch(&api, batch).await;
    }
    attack_with_batch(&api, batch).await;
    let summary = api.send(Request::summarize("ann")).await.expect(200);
    assert_eq!(
        (&summary["total"], &summary["by_tag"]),
        (&json!(0), &json!([]))
    );

    // His id is free for her, and means her own task then.
    let own = json!([
        operation("create", &his),
        operation("update", &his),
        operation("delete", &his)
    ]);
    for atomic in [true, false] {
        let results = api
            .send(Request::batch("ann", atomic, &own))
            .await
            .expect(200)["results"]
            .clone();
        let statuses = [0, 1, 2].map(|index| results[index]["status"].as_u64().unwrap());
        assert_eq!(statuses, [201, 200, 204]);
    }

    let put = Request::put("ann", &his)
        .json(&json!({"title": "hers"}))
        .header("if-none-match", "*");
    api.send(put).await.expect(201);
    let keyed = |user| {
        Request::create(user)
            .json(&json!({"title": "keyed"}))
            .header("idempotency-key", "k")
    };
    let keyed_his = api.send(keyed("bob")).await.expect(201);
    assert_ne!(
        api.send(keyed("ann")).await.expect(201)["id"],
        keyed_his["id"]
    );
    api.send(Request::erase("ann")).await.expect(204);
    assert_eq!(api.send(keyed("bob")).await.expect(201), keyed_his);
    assert_eq!(
        api.send(Request::get("bob", &his)).await.expect(200),
        before
    );
}

fn operation(kind: &str, id: &str) -> Value {
    let mut operation = json!({"operation": kind, "id": id});
    if matches!(kind, "create" | "update") {
        operation["task"] = json!({"title": "taken", "tags": ["taken"]});
    }
    operation
}

/// Each operation is about another user's task, and must look as if there were none.
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
async fn row_level_security_alone_isolates_a_statement_that_forgot_to_filter() {
    attack_without_filter(Handlers::start().await).await;
}

#[tokio::test]
async fn row_level_security_holds_for_a_login_role_that_is_a_superuser() {
    attack_without_filter(Handlers::start_as_superuser().await).await;
}

async fn attack_without_filter(api: Handlers) {
    let his = api.create("bob", "his").await;
    let hers = api.create("ann", "hers").await;
    let ann = Request::list("ann");
    let before = api.send(Request::get("bob", &his)).await.expect(200);

    assert_eq!(api.call(select_all, &ann).await.expect(200), json!([hers]));
    assert_eq!(
        api.call(fail_then_select_all, &ann).await.expect(200),
        json!([hers])
    );
    assert_eq!(
        api.call(delete_all_but_store_nothing, &ann)
            .await
            .expect(200),
        json!([hers, hers])
    );
    assert_eq!(api.call(update_all, &ann).await.expect(200), json!([hers]));
    api.call(give_all_away, &ann).await.problem(500);
    api.call(insert_for_bob, &ann).await.problem(500);
    assert_eq!(api.call(delete_all, &ann).await.expect(200), json!([hers]));

    assert_eq!(
        api.send(Request::get("bob", &his)).await.expect(200),
        before
    );
    assert_eq!(
        api.send(Request::list("bob")).await.expect(200),
        json!([before])
    );
}

#[tokio::test]
async fn row_level_security_alone_isolates_the_keys_of_creations() {
    let api = Handlers::start().await;
    for (user_id, key) in [("ann", "hers"), ("bob", "his")] {
        let keyed = Request::create(user_id)
            .json(&json!({"title": "t"}))
            .header("idempotency-key", key);
        api.send(keyed).await.expect(201);
    }
    let ann = Request::list("ann");
    assert_eq!(
        api.call(select_all_keys, &ann).await.expect(200),
        json!(["hers"])
    );
    assert_eq!(
        api.call(delete_all_keys, &ann).await.expect(200),
        json!(["hers"])
    );
    assert_eq!(
        api.call(select_all_keys, &Request::list("bob"))
            .await
            .expect(200),
        json!(["his"])
    );
}

#[tokio::test]
async fn nothing_of_a_caller_stays_on_the_connection() {
    let database = harness::TestDatabase::create().await;
    let client = shared::db::connect(&database.url().parse().unwrap())
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
        .query_typed(SETTINGS, &[(&"ann", Type::TEXT), (&"1000", Type::TEXT)])
        .await
        .unwrap();
    assert_eq!(
        settings().await,
        ("todo_app".into(), "ann".into(), "1s".into())
    );
    client.batch_execute("commit").await.unwrap();

    assert_eq!(settings().await, before);
}

#[tokio::test]
async fn an_owner_of_the_table_who_may_not_bypass_row_level_security_sees_no_task() {
    let api = Handlers::start().await;
    api.create("ann", "hers").await;
    let client = api.database().superuser().await;
    let become_owner =
        "create role plain_owner; alter table tasks owner to plain_owner; set role plain_owner";
    client.batch_execute(become_owner).await.unwrap();
    let count = client
        .query_one("select count(*) from tasks", &[])
        .await
        .unwrap();
    assert_eq!(count.get::<_, i64>(0), 0);
}

#[tokio::test]
async fn without_a_user_the_role_sees_no_task() {
    let api = Handlers::start().await;
    api.create("ann", "hers").await;
    let client = api.database().superuser().await;
    let count = async || {
        client
            .query_one("select count(*) from tasks", &[])
            .await
            .unwrap()
            .get::<_, i64>(0)
    };
    assert_eq!(count().await, 1, "a superuser passes by row-level security");
    client.batch_execute("set role todo_app").await.unwrap();
    assert_eq!(count().await, 0);
    client.batch_execute("set app.user_id = ''").await.unwrap();
    assert_eq!(count().await, 0);
    client
        .batch_execute("set app.user_id = 'ann'")
        .await
        .unwrap();
    assert_eq!(count().await, 1);
}
