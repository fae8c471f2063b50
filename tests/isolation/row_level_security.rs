//! Row-level security isolates users even if a statement forgets to filter by user.

use axum::extract::State;
use serde_json::json;
use shared::http::{ApiError, Caller, Json};
use shared::store::database::{Access, Repeat, Statement};
use shared::store::{Database, Session};

use crate::harness::{Handlers, Request};

/// Runs a statement that does not filter by user, and returns the IDs that it touched.
async fn run(
    database: &Database,
    session: &Session,
    statement: &'static str,
) -> Result<Json<Vec<String>>, ApiError> {
    let statements = [Statement::new(statement)];
    let access = Access::Write(Repeat::Unsafe);
    let results = database.run(session, &statements, access).await?;
    Ok(Json(results.of(0).iter().map(|row| row.get(0)).collect()))
}

async fn select_all(
    Caller(session): Caller,
    State(database): State<Database>,
) -> Result<Json<Vec<String>>, ApiError> {
    run(&database, &session, "select id::text from tasks").await
}

async fn select_all_keys(
    Caller(session): Caller,
    State(database): State<Database>,
) -> Result<Json<Vec<String>>, ApiError> {
    run(&database, &session, "select key from idempotency_keys").await
}

async fn delete_all_keys(
    Caller(session): Caller,
    State(database): State<Database>,
) -> Result<Json<Vec<String>>, ApiError> {
    run(
        &database,
        &session,
        "delete from idempotency_keys returning key",
    )
    .await
}

async fn update_all(
    Caller(session): Caller,
    State(database): State<Database>,
) -> Result<Json<Vec<String>>, ApiError> {
    run(
        &database,
        &session,
        "update tasks set title = 'taken' returning id::text",
    )
    .await
}

async fn give_all_away(
    Caller(session): Caller,
    State(database): State<Database>,
) -> Result<Json<Vec<String>>, ApiError> {
    run(
        &database,
        &session,
        "update tasks set user_id = 'bob' returning id::text",
    )
    .await
}

async fn insert_for_bob(
    Caller(session): Caller,
    State(database): State<Database>,
) -> Result<Json<Vec<String>>, ApiError> {
    let insert = "insert into tasks (id, user_id, title) values (gen_random_uuid(), 'bob', 't') returning id::text";
    run(&database, &session, insert).await
}

async fn delete_all(
    Caller(session): Caller,
    State(database): State<Database>,
) -> Result<Json<Vec<String>>, ApiError> {
    run(&database, &session, "delete from tasks returning id::text").await
}

/// Does what an atomic batch does when one of its operations fails.
async fn delete_all_but_store_nothing(
    Caller(session): Caller,
    State(database): State<Database>,
) -> Result<Json<Vec<String>>, ApiError> {
    let statements = [
        "select id::text from tasks",
        "delete from tasks returning id::text",
        "select record_failure(0, 'missing')",
        "select raise_if_failed()::text",
    ];
    let statements = statements.map(Statement::new);
    let access = Access::Write(Repeat::Unsafe);
    let results = database.run(&session, &statements, access).await?;
    assert!(!results.committed);
    let rows = [0, 1].iter().flat_map(|&index| results.of(index));
    Ok(Json(rows.map(|row| row.get(0)).collect()))
}

async fn fail_then_select_all(
    caller: Caller,
    State(database): State<Database>,
) -> Result<Json<Vec<String>>, ApiError> {
    let failed = run(&database, &caller.0, "select (1 / 0)::text").await;
    assert!(failed.is_err());
    select_all(caller, State(database)).await
}

#[tokio::test]
async fn row_level_security_isolates_a_statement_that_forgets_to_filter() {
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
async fn row_level_security_isolates_idempotency_keys() {
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
async fn a_table_owner_who_may_not_bypass_row_level_security_sees_no_task() {
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
    assert_eq!(count().await, 1, "a superuser bypasses row-level security");
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
