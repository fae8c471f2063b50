//! The role of the purge: it reaches expired keys, and nothing else.

use tokio_postgres::Client;

use super::{age, keyed};
use crate::harness::{Handlers, TestDatabase};

/// Everything that `todo_purge` may do with the columns of tables.
const GRANTED: [&str; 18] = [
    "deleted_tasks.content UPDATE",
    "deleted_tasks.deleted_at SELECT",
    "deleted_tasks.id SELECT",
    "deleted_tasks.text_bytes SELECT",
    "deleted_tasks.text_bytes UPDATE",
    "deleted_tasks.user_id SELECT",
    "deleted_tasks.version SELECT",
    "idempotency_keys.created_at SELECT",
    "idempotency_keys.created_at UPDATE",
    "idempotency_keys.key SELECT",
    "idempotency_keys.user_id SELECT",
    "user_counters.deletions SELECT",
    "user_counters.deletions UPDATE",
    "user_counters.purged_version SELECT",
    "user_counters.purged_version UPDATE",
    "user_counters.trash_bytes SELECT",
    "user_counters.trash_bytes UPDATE",
    "user_counters.user_id SELECT",
];

async fn column(client: &Client, query: &str) -> Vec<String> {
    let rows = client.query(query, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// A fresh and an expired key of each of two users, and a connection with the role.
async fn purger() -> (Handlers, Client) {
    let api = Handlers::start().await;
    for (user_id, key) in [
        ("ann", "expired-1"),
        ("ann", "fresh-1"),
        ("bob", "expired-2"),
        ("bob", "fresh-2"),
    ] {
        api.send(keyed(user_id, key)).await.expect(201);
    }
    age(api.database(), "expired", "25 hours").await;
    let client = api.database().superuser().await;
    client.batch_execute("set role todo_purge").await.unwrap();
    (api, client)
}

#[tokio::test]
async fn the_role_has_exactly_these_rights() {
    let database = TestDatabase::create().await;
    let client = database.superuser().await;
    let columns = "
        select c.relname || '.' || a.attname || ' ' || right_
        from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped,
             unnest(array['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) right_
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
          and has_column_privilege('todo_purge', c.oid, a.attnum, right_)
        order by 1";
    assert_eq!(column(&client, columns).await, GRANTED);
    let tables = "
        select c.relname || ' ' || right_
        from pg_class c, unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) right_
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
          and has_table_privilege('todo_purge', c.oid, right_)
        order by 1";
    assert_eq!(
        column(&client, tables).await,
        ["deleted_tasks DELETE", "idempotency_keys DELETE"]
    );
    let attributes = "
        select concat_ws(' ', rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls)
        from pg_roles where rolname = 'todo_purge'";
    assert_eq!(column(&client, attributes).await, ["f t f f f f f"]);
    let memberships =
        "select roleid::regrole::text from pg_auth_members where member = 'todo_purge'::regrole";
    assert_eq!(column(&client, memberships).await, Vec::<String>::new());
}

#[tokio::test]
async fn the_role_sees_and_deletes_only_expired_keys_whatever_user_is_set() {
    let (_api, client) = purger().await;
    let see = "select key from idempotency_keys order by key";
    for user_id in ["", "ann", "bob"] {
        let set = format!("set app.user_id = '{user_id}'");
        client.batch_execute(&set).await.unwrap();
        assert_eq!(column(&client, see).await, ["expired-1", "expired-2"]);
        let fresh = "delete from idempotency_keys where key like 'fresh-%' returning key";
        assert_eq!(column(&client, fresh).await, Vec::<String>::new());
    }

    let all = "delete from idempotency_keys returning key";
    assert_eq!(column(&client, all).await.len(), 2);

    client.batch_execute("reset role").await.unwrap();
    assert_eq!(column(&client, see).await, ["fresh-1", "fresh-2"]);
}

#[tokio::test]
async fn the_role_is_refused_everything_else() {
    let (_api, client) = purger().await;
    for forbidden in [
        "select id from tasks",
        "delete from tasks",
        "update tasks set title = 'taken'",
        "select task_id from idempotency_keys",
        "update idempotency_keys set created_at = now()",
        "update idempotency_keys set created_at = created_at where user_id = 'ann'",
        "update idempotency_keys set key = 'taken'",
        "insert into idempotency_keys (user_id, key, created_at) values ('ann', 'k', now())",
        "truncate idempotency_keys",
        "alter table idempotency_keys disable row level security",
        "drop policy idempotency_keys_that_have_expired on idempotency_keys",
        "create or replace function idempotency_key_lifetime() returns interval return interval '0 hours'",
        "set local row_security = off; select key from idempotency_keys",
        "select * from refinery_schema_history",
        "create table public.mine (id int)",
        "alter role todo_purge login",
    ] {
        for user_id in ["", "ann"] {
            let set = format!("set app.user_id = '{user_id}'");
            client.batch_execute(&set).await.unwrap();
            let error = client.batch_execute(forbidden).await.expect_err(forbidden);
            let code = error.code().map(|code| code.code().to_owned());
            assert_eq!(code.as_deref(), Some("42501"), "{forbidden}: {error:?}");
        }
    }
}

#[tokio::test]
async fn the_role_of_users_still_sees_only_the_users_own_keys() {
    let (_api, client) = purger().await;
    client
        .batch_execute("set role todo_app; set app.user_id = 'ann'")
        .await
        .unwrap();

    let seen = column(&client, "select key from idempotency_keys order by key").await;

    assert_eq!(seen, ["expired-1", "fresh-1"]);
}
