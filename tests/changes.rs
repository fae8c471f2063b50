//! `GET /api/v1/{user_id}/changes`: a client that reads the feed has exactly what the server has.

mod cursors;
mod histories;
mod replica;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Handlers, Request};
use replica::Replica;

/// The page of `ann`'s feed with this query.
async fn page(api: &Handlers, query: &str) -> Value {
    api.send(Request::changes("ann").query(query))
        .await
        .expect(200)
}

fn cursor(page: &Value) -> String {
    page["cursor"].as_str().unwrap().to_owned()
}

fn put_absent(id: &str, title: &str) -> Request {
    Request::put("ann", id)
        .json(&json!({"title": title}))
        .header("if-none-match", "*")
}

#[tokio::test]
async fn a_change_has_the_task_and_its_tag_and_a_deletion_says_so() {
    let api = Handlers::start().await;
    let start = cursor(&page(&api, "").await);
    let created = api
        .send(Request::create("ann").json(&json!({"title": "t"})))
        .await;
    let task = created.expect(201);
    let id = task["id"].as_str().unwrap();

    let changes = page(&api, &format!("since={start}")).await;
    let change = json!({
        "type": "task", "id": id, "etag": created.header("etag"), "task": task,
    });
    assert_eq!(changes["changes"], json!([change]));
    api.send(Request::delete("ann", id)).await.expect(204);
    let changes = page(&api, &format!("since={}", cursor(&changes))).await;
    let deletion = &changes["changes"][0];
    assert_eq!(deletion["id"], id);
    assert_eq!(
        (
            &deletion["deleted"],
            &deletion["restorable"],
            &changes["full"]
        ),
        (&json!(true), &json!(true), &json!(false))
    );
}

#[tokio::test]
async fn a_user_without_anything_gets_a_cursor_that_stays_good() {
    let api = Handlers::start().await;
    let empty = page(&api, "").await;
    assert_eq!(
        (&empty["changes"], &empty["has_more"], &empty["full"]),
        (&json!([]), &json!(false), &json!(true))
    );
    let again = page(&api, &format!("since={}", cursor(&empty))).await;
    assert_eq!(again, empty);
    let id = api.create("ann", "t").await;
    let first = page(&api, &format!("since={}", cursor(&empty))).await;
    assert_eq!(first["changes"][0]["id"], id);
}

#[tokio::test]
async fn nothing_new_is_an_empty_page_with_the_same_cursor() {
    let api = Handlers::start().await;
    api.create("ann", "t").await;
    let all = page(&api, "").await;
    let since = format!("since={}", cursor(&all));
    let none = page(&api, &since).await;
    assert_eq!(
        (&none["changes"], &none["has_more"], &none["full"]),
        (&json!([]), &json!(false), &json!(false))
    );
    assert_eq!(cursor(&none), cursor(&all));
    // Neither of these is a change.
    api.create("bob", "his").await;
    api.send(Request::delete("ann", &Uuid::new_v4().to_string()))
        .await
        .problem(404);
    assert_eq!(page(&api, &since).await, none);
}

#[tokio::test]
async fn pages_of_every_size_list_everything_once() {
    let api = Handlers::start().await;
    for number in 0..7 {
        api.create("ann", &number.to_string()).await;
    }
    let listed = api.send(Request::list("ann")).await.expect(200);
    for limit in [1, 2, 3, 7, 8, 1000] {
        let mut replica = Replica::default();
        let pages = replica.read_all(&api, limit).await;
        assert_eq!(replica.tasks(), replica::by_id(&listed), "limit={limit}");
        assert_eq!(pages, 7_usize.div_ceil(limit), "limit={limit}");
    }
}

#[tokio::test]
async fn what_changes_while_everything_is_read_is_read_too() {
    let api = Handlers::start().await;
    let mut ids = Vec::new();
    for number in 0..6 {
        ids.push(api.create("ann", &number.to_string()).await);
    }
    let mut replica = Replica::default();
    // What a client had before it began again.
    replica.keep(&Uuid::new_v4().to_string());
    assert!(replica.read_page(&api, 2).await);
    // Of those that were read and of those that were not: changed, deleted, made again.
    let rename = |id: &str| Request::put("ann", id).json(&json!({"title": "renamed"}));
    for request in [
        rename(&ids[0]),
        rename(&ids[4]),
        Request::delete("ann", &ids[1]),
        Request::delete("ann", &ids[5]),
        put_absent(&ids[5], "again"),
        put_absent(&Uuid::new_v4().to_string(), "new"),
        put_absent("00000000-0000-4000-8000-000000000000", "before all others"),
    ] {
        let answer = api.send(request).await;
        assert!(answer.status < 300, "{answer:?}");
    }
    while replica.read_page(&api, 2).await {}
    let listed = api.send(Request::list("ann")).await.expect(200);
    assert_eq!(replica.tasks(), replica::by_id(&listed));
}

#[tokio::test]
async fn reading_everything_ends_however_much_is_written_meanwhile() {
    let api = Handlers::start().await;
    for number in 0..10 {
        api.create("ann", &number.to_string()).await;
    }
    let mut replica = Replica::default();
    let mut pages = 1;
    while replica.read_page(&api, 1).await {
        pages += 1;
        for title in ["new", "newer"] {
            api.create("ann", title).await;
        }
        assert!(pages < 100, "it does not end");
    }
    let mut later = 0;
    while replica.read_page(&api, 1000).await {
        later += 1;
        assert!(later < 100);
    }
    let listed = api.send(Request::list("ann")).await.expect(200);
    assert_eq!(replica.tasks(), replica::by_id(&listed));
}

#[tokio::test]
async fn what_came_and_went_between_two_reads_is_a_deletion() {
    let api = Handlers::start().await;
    api.create("ann", "other").await;
    let start = cursor(&page(&api, "").await);
    let id = api.create("ann", "short-lived").await;
    api.send(Request::delete("ann", &id)).await.expect(204);
    api.send(Request::delete("ann", &id)).await.problem(404);
    let changes = page(&api, &format!("since={start}")).await;
    let changes = changes["changes"].as_array().unwrap();
    assert_eq!((changes.len(), &changes[0]["deleted"]), (1, &json!(true)));
}

#[tokio::test]
async fn a_page_that_is_too_large_for_one_answer_says_that_there_is_more() {
    let api = Handlers::start_with(&[("USER_MAX_TEXT_BYTES", "100000000")]).await;
    let task = json!({"title": "t", "description": "\"".repeat(10_000)});
    let create = json!({"operation": "create", "task": task});
    for _ in 0..5 {
        api.send(Request::batch("ann", true, &json!(vec![&create; 80])))
            .await
            .expect(200);
    }
    let mut replica = Replica::default();
    assert!(replica.read_page(&api, 1000).await);
    while replica.read_page(&api, 1000).await {}
    assert_eq!(replica.tasks().len(), 400);
}
