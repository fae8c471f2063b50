//! The schedule's function `purge`: what has expired is deleted, of all users, and nothing else.

mod deletions;
mod role;

use std::fs::read_to_string;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};
use shared::store::{Purge, Retention, TimeBudget};

use crate::harness::{Gateway, Handlers, PgBouncer, Request, TestDatabase, have, root, template};

/// Sends a creation with an idempotency key.
fn keyed(user_id: &str, key: &str) -> Request {
    Request::create(user_id)
        .json(&json!({"title": "t"}))
        .header("idempotency-key", key)
}

/// Stores so many expired keys of each of 100 users.
async fn store_expired(database: &TestDatabase, keys: i64) {
    let insert = "
        insert into idempotency_keys (user_id, key, fingerprint, task_id, created_at)
        select 'user ' || n % 100, n::text, sha256(''), gen_random_uuid(), now() - interval '25 hours'
        from generate_series(1, 100 * $1::int8) n";
    let client = database.superuser().await;
    client.execute(insert, &[&keys]).await.unwrap();
}

/// Makes the keys whose name begins like this older.
async fn age(database: &TestDatabase, keys: &str, by: &str) {
    let update = format!(
        "update idempotency_keys set created_at = created_at - interval '{by}' where key like '{keys}%'"
    );
    let client = database.superuser().await;
    client.batch_execute(&update).await.unwrap();
}

/// The keys that are stored, each after its user.
async fn stored(database: &TestDatabase) -> Vec<String> {
    let select = "select user_id || ' ' || key from idempotency_keys order by 1";
    let rows = database.superuser().await.query(select, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// The event of the schedule.
fn event() -> Value {
    let file = root().join("tests/events/purge.json");
    serde_json::from_str(&read_to_string(file).unwrap()).unwrap()
}

/// Purges in this process, and returns how many keys that deleted.
async fn purge(database: &TestDatabase) -> u64 {
    let purge = Purge::new(database.url().parse().unwrap(), Retention::default());
    let budget = TimeBudget::until(Instant::now() + Duration::from_mins(1));
    purge.run(&budget).await.unwrap().idempotency_keys
}

#[test]
fn the_purge_has_no_route_and_runs_once_a_day() {
    let schedules = template().schedules;
    let schedules: Vec<_> = schedules
        .iter()
        .map(|schedule| (schedule.function.as_str(), schedule.interval))
        .collect();
    assert_eq!(schedules, [("purge", Duration::from_hours(24))]);
    let routes = template().routes;
    assert!(routes.iter().all(|route| route.function != "purge"));
}

#[tokio::test]
async fn expired_keys_of_users_who_never_come_back_are_deleted_and_others_stay() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    for (user_id, key) in [
        ("ann", "expired 1"),
        ("ann", "fresh"),
        ("bob", "expired 2"),
        ("cem", "almost"),
    ] {
        let key = key.replace(' ', "-");
        api.send(keyed(user_id, &key)).await.expect(201);
    }
    age(&database, "expired", "24 hours").await;
    age(&database, "almost", "23 hours 59 minutes").await;

    let report = api.server.invoke("purge", event()).await.unwrap();

    assert_eq!(
        report,
        json!({"idempotency_keys": 2, "trashed_tasks": 0, "deletions": 0})
    );
    assert_eq!(stored(&database).await, ["ann fresh", "cem almost"]);
    let again = api.send(keyed("ann", "fresh")).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    let report = api.server.invoke("purge", event()).await.unwrap();
    assert_eq!(
        report,
        json!({"idempotency_keys": 0, "trashed_tasks": 0, "deletions": 0})
    );
}

#[tokio::test]
async fn each_purge_is_one_log_line_that_says_how_much_it_deleted() {
    let database = TestDatabase::create().await;
    store_expired(&database, 1).await;
    let api = Gateway::start(&database).await;

    api.server.invoke("purge", event()).await.unwrap();

    let lines = invocations(&api);
    assert_eq!(lines.len(), 1, "{:#?}", api.log());
    assert_eq!(lines[0]["level"], "INFO");
    assert_eq!(lines[0]["operation"], "purge");
    assert_eq!(
        lines[0]["report"],
        r#"{"deletions":0,"idempotency_keys":100,"trashed_tasks":0}"#
    );
    let [total, in_database] = ["ms", "database_ms"].map(|name| lines[0][name].as_f64().unwrap());
    assert!(0.0 < in_database && in_database <= total, "{lines:?}");
}

#[tokio::test]
async fn a_purge_without_a_database_fails_and_says_why() {
    let api = Gateway::start_on("postgres://nobody@127.0.0.1:1/none?sslmode=disable").await;

    let error = api.server.invoke("purge", event()).await.unwrap_err();

    assert!(
        error.to_string().contains("the database is unavailable"),
        "{error}"
    );
    let lines = invocations(&api);
    assert_eq!(lines.len(), 1, "{:#?}", api.log());
    assert_eq!(lines[0]["level"], "ERROR");
    let cause = lines[0]["cause"].as_str().unwrap();
    assert!(cause.contains("Connection refused"), "{cause}");
}

/// The log lines about invocations that are not requests.
fn invocations(api: &Gateway) -> Vec<Value> {
    let log = api.log().into_iter();
    let lines = log.filter_map(|line| serde_json::from_str::<Value>(&line).ok());
    lines
        .filter(|line| line["message"] == "invocation")
        .collect()
}

#[tokio::test]
async fn more_keys_than_one_step_deletes_are_all_deleted() {
    let database = TestDatabase::create().await;
    store_expired(&database, 25).await;

    assert_eq!(purge(&database).await, 2500);

    assert_eq!(stored(&database).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_purge_that_has_little_time_leaves_the_rest_for_the_next() {
    let database = TestDatabase::create().await;
    store_expired(&database, 1).await;
    let late = TimeBudget::until(Instant::now() + Duration::from_secs(4));

    let late = Purge::new(database.url().parse().unwrap(), Retention::default())
        .run(&late)
        .await;

    assert_eq!(late.unwrap().idempotency_keys, 0);
    assert_eq!(purge(&database).await, 100);
}

#[tokio::test]
async fn a_purge_waits_for_no_lock() {
    let database = TestDatabase::create().await;
    store_expired(&database, 1).await;
    let lock = "begin; select from idempotency_keys where key in ('1', '2') for update";
    let user = database.superuser().await;
    user.batch_execute(lock).await.unwrap();

    let purged = tokio::time::timeout(Duration::from_secs(3), purge(&database)).await;

    assert_eq!(purged, Ok(98));
    user.batch_execute("commit").await.unwrap();
    assert_eq!(purge(&database).await, 2);
}

/// The pooler gives the purge and users the same connection in turn.
#[tokio::test]
async fn a_purge_through_a_pooler_leaves_nothing_on_the_connection() {
    if !have(&["pgbouncer"]) {
        return;
    }
    let database = TestDatabase::create().await;
    store_expired(&database, 1).await;
    let pooler = PgBouncer::start(&database.url(), 1).await;
    let [server, entry] = [database.port(), pooler.port()].map(|port| format!(":{port}/"));
    let url = database.url().replace(&server, &entry);
    assert_ne!(url, database.url());
    let api = Gateway::start_on(&url).await;

    for deleted in [100, 0] {
        api.create("ann", "t").await;
        let report = api.server.invoke("purge", event()).await.unwrap();
        assert_eq!(report["idempotency_keys"], deleted);
        let list = api.send(Request::list("ann")).await.expect(200);
        assert!(!list.as_array().unwrap().is_empty());
    }
}

/// Three users repeat requests whose keys have expired and are being deleted, and send new ones.
#[tokio::test]
async fn purges_at_once_beside_writes_never_deadlock_and_lose_nothing() {
    let variables = [
        ("AWS_LAMBDA_MAX_CONCURRENCY", "6"),
        ("USER_MAX_CONCURRENCY", "6"),
    ];
    let api = Handlers::start_with(&variables).await;
    let database = api.database();
    store_expired(database, 200).await;
    let writes = (0..150).map(async |n| {
        let user = n % 3;
        for key in [format!("{}", n * 100 + user), format!("fresh-{n}")] {
            let write = keyed(&format!("user {user}"), &key);
            api.send(write).await.expect(201);
        }
    });

    let (_, purged) = tokio::join!(join_all(writes), join_all((0..3).map(|_| purge(database))));
    let rest = purge(database).await;

    let kept = stored(database).await;
    assert_eq!(kept.len(), 300);
    assert_eq!(kept.iter().filter(|key| key.contains("fresh")).count(), 150);
    // A creation may have deleted the key that it repeats.
    let deleted = purged.iter().sum::<u64>() + rest;
    assert!((19_850..=20_000).contains(&deleted), "{purged:?} {rest}");
}
