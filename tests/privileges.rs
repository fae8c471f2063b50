//! The functions' rights in the database: for each table, only what they need.

use crate::harness::TestDatabase;

/// Everything that `todo_app` may do with the tables.
const GRANTED: [&str; 12] = [
    "idempotency_keys DELETE",
    "idempotency_keys INSERT",
    "idempotency_keys SELECT",
    "idempotency_keys UPDATE",
    "tasks DELETE",
    "tasks INSERT",
    "tasks SELECT",
    "tasks UPDATE",
    "user_counters DELETE",
    "user_counters INSERT",
    "user_counters SELECT",
    "user_counters UPDATE",
];

async fn column(database: &TestDatabase, query: &str) -> Vec<String> {
    let rows = database.superuser().await.query(query, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn the_role_has_exactly_these_rights_on_tables() {
    let database = TestDatabase::create().await;
    let granted = "
        select c.relname || ' ' || right_
        from pg_class c, unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) right_
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
          and has_table_privilege('todo_app', c.oid, right_)
        order by 1";
    assert_eq!(column(&database, granted).await, GRANTED);
}

#[tokio::test]
async fn the_role_belongs_to_no_other_role() {
    let database = TestDatabase::create().await;
    let attributes = "
        select concat_ws(' ', rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls)
        from pg_roles where rolname = 'todo_app'";
    assert_eq!(column(&database, attributes).await, ["f t f f f f f"]);
    let memberships =
        "select roleid::regrole::text from pg_auth_members where member = 'todo_app'::regrole";
    assert_eq!(column(&database, memberships).await, Vec::<String>::new());
}

#[tokio::test]
async fn every_table_with_user_data_isolates_users() {
    let database = TestDatabase::create().await;
    let isolated = "select relname::text from pg_class where relrowsecurity and relforcerowsecurity order by 1";
    assert_eq!(
        column(&database, isolated).await,
        ["idempotency_keys", "tasks", "user_counters"]
    );
    let with_user = "select table_name::text from information_schema.columns where column_name = 'user_id' order by 1";
    assert_eq!(
        column(&database, with_user).await,
        ["idempotency_keys", "tasks", "user_counters"]
    );
}

#[tokio::test]
async fn the_role_is_refused_everything_else() {
    let database = TestDatabase::create().await;
    let client = database.superuser().await;
    client
        .batch_execute("set role todo_app; set app.user_id = 'ann'")
        .await
        .unwrap();
    for forbidden in [
        "truncate tasks",
        "drop table tasks",
        "alter table tasks disable row level security",
        "drop policy tasks_of_the_user on tasks",
        "alter table idempotency_keys no force row level security",
        "create table public.mine (id int)",
        "create schema mine",
        "create function mine() returns int language sql return 1",
        "create or replace function touch_task() returns trigger language plpgsql as 'begin return new; end'",
        "select * from refinery_schema_history",
        "set local row_security = off; select * from tasks",
        "copy tasks to '/tmp/tasks'",
        "copy tasks to program 'cat'",
        "select pg_read_file('/etc/passwd')",
        "select lo_import('/etc/passwd')",
        "create role mine",
        "alter role todo_app login",
    ] {
        let error = client.batch_execute(forbidden).await.expect_err(forbidden);
        let code = error.code().map(|code| code.code().to_owned());
        assert_eq!(code.as_deref(), Some("42501"), "{forbidden}: {error:?}");
        client
            .batch_execute("rollback; set role todo_app")
            .await
            .unwrap();
    }
}
