//! What was deleted long ago leaves the trash, and is then forgotten.

use serde_json::{Value, json};

use super::event;
use crate::harness::{Gateway, Request, TestDatabase};

/// Makes the deletions of tasks with these titles older.
async fn age(database: &TestDatabase, title: &str, days: u16) {
    let update = format!(
        "update deleted_tasks set deleted_at = deleted_at - interval '{days} days' where content ->> 'title' = '{title}'"
    );
    let client = database.superuser().await;
    client.batch_execute(&update).await.unwrap();
}

async fn delete(api: &Gateway, user_id: &str, title: &str) -> String {
    let id = api.create(user_id, title).await;
    api.send(Request::delete(user_id, &id)).await.expect(204);
    id
}

async fn since(api: &Gateway, cursor: &Value) -> crate::harness::Reply {
    let cursor = cursor["cursor"].as_str().unwrap();
    let request = Request::changes("ann").query(&format!("since={cursor}"));
    api.send(request).await
}

#[tokio::test]
async fn the_trash_is_kept_for_days_and_deletions_for_longer() {
    let database = TestDatabase::create().await;
    let days = [("TRASH_DAYS", "3"), ("DELETION_DAYS", "7")];
    let api = Gateway::start_with(&database.url(), &days).await;
    api.create("ann", "lives").await;
    let start = api.send(Request::changes("ann")).await.expect(200);
    let forgotten = delete(&api, "ann", "forgotten").await;
    let middle = since(&api, &start).await.expect(200);
    let old = delete(&api, "ann", "old").await;
    let recent = delete(&api, "ann", "recent").await;
    delete(&api, "bob", "old").await;
    age(&database, "forgotten", 7).await;
    age(&database, "old", 3).await;
    age(&database, "recent", 2).await;

    let report = api.server.invoke("purge", event()).await;

    let report = report.unwrap();
    assert_eq!(
        report,
        json!({"idempotency_keys": 0, "trashed_tasks": 3, "deletions": 1})
    );
    let trash = api.send(Request::trash("ann")).await.expect(200);
    let trash: Vec<_> = trash.as_array().unwrap().iter().collect();
    assert_eq!((trash.len(), &trash[0]["task"]["id"]), (1, &json!(recent)));
    for id in [&forgotten, &old] {
        api.send(Request::restore("ann", id)).await.problem(404);
    }
    // Who does not know of what was forgotten has to begin again.
    since(&api, &start).await.problem(410);
    let changes = since(&api, &middle).await.expect(200);
    let changes = changes["changes"].as_array().unwrap().iter();
    let restorable: Vec<_> = changes
        .map(|change| (change["id"].clone(), change["restorable"].clone()))
        .collect();
    assert_eq!(
        restorable,
        [(json!(old), json!(false)), (json!(recent), json!(true))]
    );
    let report = api.server.invoke("purge", event()).await.unwrap();
    assert_eq!(report["trashed_tasks"], 0);
}

#[tokio::test]
async fn counters_of_the_trash_stay_exact() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    for title in ["forgotten", "old", "recent", "restored"] {
        let id = delete(&api, "ann", title).await;
        if title == "restored" {
            api.send(Request::restore("ann", &id)).await.expect(200);
        }
    }
    age(&database, "forgotten", 181).await;
    age(&database, "old", 31).await;
    api.server.invoke("purge", event()).await.unwrap();
    let counters = "select deletions, trash_bytes, tasks, text_bytes from user_counters";
    let client = database.superuser().await;
    let row = client.query_one(counters, &[]).await.unwrap();
    let counters = [0, 1, 2, 3].map(|index| row.get::<_, i64>(index));
    assert_eq!(counters, [2, 6, 1, 8]);
}

/// docs/deploy.md says to do this after a restore to an earlier state.
#[tokio::test]
async fn after_new_epochs_every_client_begins_again_and_no_version_is_used_twice() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    let id = api.create("ann", "t").await;
    let before = api.send(Request::changes("ann")).await.expect(200);
    let lost = api.send(Request::complete("ann", &id)).await;
    // The database as it was before that.
    let client = database.superuser().await;
    let restore = "update user_counters set version = version - 1;
                   update tasks set version = version - 1, completed = false, completed_at = null";
    client
        .batch_execute("alter table tasks disable trigger user")
        .await
        .unwrap();
    client.batch_execute(restore).await.unwrap();
    client
        .batch_execute("alter table tasks enable trigger user")
        .await
        .unwrap();

    client
        .batch_execute("select begin_new_epochs()")
        .await
        .unwrap();

    since(&api, &before).await.problem(410);
    let again = api.send(Request::complete("ann", &id)).await;
    assert_ne!(again.header("etag"), lost.header("etag"));
    let error = "set role todo_app; select begin_new_epochs()";
    assert!(client.batch_execute(error).await.is_err());
}

#[tokio::test]
async fn a_step_deletes_at_most_as_much_as_it_may_however_many_users_there_are() {
    let database = TestDatabase::create().await;
    let client = database.superuser().await;
    let fill = "insert into user_counters (user_id, version, deletions, trash_bytes)
                select 'user ' || n, 100, 50, 50 from generate_series(1, 10) n;
                insert into deleted_tasks (user_id, id, version, deleted_at, content, text_bytes)
                select 'user ' || n, gen_random_uuid(), m, now() - interval '1 year', '{}', 1
                from generate_series(1, 10) n, generate_series(1, 50) m";
    client.batch_execute(fill).await.unwrap();
    for purge in ["purge_trash", "purge_deletions"] {
        let step = format!("select count(*) from {purge}('30 days', 70)");
        let mut purged = Vec::new();
        for _ in 0..8 {
            purged.push(client.query_one(&step, &[]).await.unwrap().get::<_, i64>(0));
        }
        assert_eq!(purged, [70, 70, 70, 70, 70, 70, 70, 10], "{purge}");
    }
    let left = "select sum(deletions)::int8, sum(trash_bytes)::int8, min(purged_version) from user_counters";
    let left = client.query_one(left, &[]).await.unwrap();
    assert_eq!([0, 1, 2].map(|index| left.get::<_, i64>(index)), [0, 0, 50]);
}
