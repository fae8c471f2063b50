//! Cursors of the feed: which are good, and which have expired.

use super::replica::Replica;
use super::{cursor, page};
use crate::harness::{Handlers, Request};

#[tokio::test]
async fn a_wrong_cursor_is_refused_and_one_of_another_history_has_expired() {
    let api = Handlers::start().await;
    api.create("ann", "t").await;
    api.create("bob", "his").await;
    for garbage in ["", "x", "AAAA", "%00", "AwAA", "%C3%BC"] {
        let answer = api
            .send(Request::changes("ann").query(&format!("since={garbage}")))
            .await;
        assert_eq!(
            answer.invalid_fields(),
            ["since must be the `cursor` of an answer of this feed"],
            "{garbage}"
        );
    }
    let expired = async |api: &Handlers, cursor: &str| {
        let answer = api
            .send(Request::changes("ann").query(&format!("since={cursor}")))
            .await;
        assert_eq!(answer.problem(410)["type"], "/docs/problems#sync-expired");
    };
    let mine = cursor(&page(&api, "").await);
    let his = api.send(Request::changes("bob")).await.expect(200);
    expired(&api, &cursor(&his)).await;
    // From the future: the version is the last eight bytes.
    let ahead = "update user_counters set version = version - 1 where user_id = 'ann'";
    let client = api.database().superuser().await;
    client.batch_execute(ahead).await.unwrap();
    expired(&api, &mine).await;

    let before = cursor(&page(&api, "").await);
    api.send(Request::erase("ann")).await.expect(204);
    expired(&api, &before).await;
    api.create("ann", "t").await;
    expired(&api, &before).await;
}

#[tokio::test]
async fn a_cursor_older_than_the_deletions_that_were_forgotten_has_expired() {
    let api = Handlers::start().await;
    let id = api.create("ann", "t").await;
    let other = api.create("ann", "other").await;
    let client = api.database().superuser().await;
    let old = cursor(&page(&api, "").await);
    api.send(Request::delete("ann", &id)).await.expect(204);
    let deletion = cursor(&page(&api, &format!("since={old}")).await);
    api.send(Request::complete("ann", &other)).await.expect(200);
    let newer = cursor(&page(&api, &format!("since={deletion}")).await);
    let forget = "with forgotten as (delete from deleted_tasks returning version)
                  update user_counters set purged_version = (select max(version) from forgotten), deletions = 0
                  where user_id = 'ann'";
    client.batch_execute(forget).await.unwrap();
    for (cursor, status) in [(old, 410), (deletion, 200), (newer, 200)] {
        let since = Request::changes("ann").query(&format!("since={cursor}"));
        assert_eq!(api.send(since).await.status, status);
    }
    let mut replica = Replica::default();
    replica.read_all(&api, 1).await;
    assert_eq!(replica.tasks().len(), 1);
}

/// A user who creates and deletes without end fills nothing.
#[tokio::test]
async fn too_many_deletions_are_forgotten_and_too_large_a_trash_is_emptied() {
    let api = Handlers::start().await;
    let client = api.database().superuser().await;
    let start = cursor(&page(&api, "").await);
    api.create("ann", "stays").await;
    let start = cursor(&page(&api, &format!("since={start}")).await);
    let churn = "insert into tasks (id, user_id, title, description, created_at)
                 select md5(n::text)::uuid, 'ann', 't', repeat('x', 1000), now() from generate_series(1, 21000) n;
                 delete from tasks where user_id = 'ann' and title = 't'";
    client.batch_execute(churn).await.unwrap();
    let counted = "select deletions, trash_bytes, (select count(*) from deleted_tasks),
                          (select sum(text_bytes) from deleted_tasks) from user_counters";
    let row = client.query_one(counted, &[]).await.unwrap();
    let [deletions, bytes, rows, sum] = [0, 1, 2, 3].map(|index| row.get::<_, i64>(index));
    assert_eq!((deletions, bytes), (rows, sum));
    assert!(deletions <= 20_000 && bytes <= 4 * 1024 * 1024, "{row:?}");
    let since = Request::changes("ann").query(&format!("since={start}"));
    api.send(since).await.problem(410);
}
