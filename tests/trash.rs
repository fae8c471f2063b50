//! The trash: a deleted task can be restored, until its content is deleted for good.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Handlers, Request};

async fn create(api: &Handlers, body: &Value) -> Value {
    api.send(Request::create("ann").json(body))
        .await
        .expect(201)
}

fn id(task: &Value) -> &str {
    task["id"].as_str().unwrap()
}

async fn trash(api: &Handlers, query: &str) -> Value {
    api.send(Request::trash("ann").query(query))
        .await
        .expect(200)
}

#[tokio::test]
async fn a_restored_task_is_as_it_was_with_a_new_tag() {
    let api = Handlers::start().await;
    let full = json!({
        "title": "t", "description": "d", "completed": true, "priority": "high", "due": "2026-12-01T10:00:00+01:00",
        "time_zone": "Europe/Paris", "tags": ["a", "b"],
    });
    let created = api.send(Request::create("ann").json(&full)).await;
    let mut task = created.expect(201);
    api.send(Request::delete("ann", id(&task)))
        .await
        .expect(204);
    api.send(Request::get("ann", id(&task))).await.problem(404);

    let trashed = trash(&api, "").await;
    let deleted_at = &trashed[0]["deleted_at"];
    assert!(deleted_at.as_str() > task["created_at"].as_str());
    assert_eq!(trashed, json!([{"task": task, "deleted_at": deleted_at}]));

    let restored = api.send(Request::restore("ann", id(&task))).await;
    assert_ne!(restored.header("etag"), created.header("etag"));
    let mut restored = restored.expect(200);
    assert!(restored["updated_at"].as_str() > deleted_at.as_str());
    assert_eq!(
        api.send(Request::get("ann", id(&task))).await.expect(200),
        restored
    );
    for task in [&mut task, &mut restored] {
        task["updated_at"].take();
    }
    assert_eq!(restored, task);
    assert_eq!(trash(&api, "").await, json!([]));
    // A search finds it again.
    let found = api.send(Request::list("ann").query("q=T")).await;
    assert_eq!(found.expect(200).as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_not_in_the_trash_cannot_be_restored() {
    let api = Handlers::start().await;
    let task = create(&api, &json!({"title": "t"})).await;
    let restore = || Request::restore("ann", id(&task));
    let exists = api.send(restore()).await.problem(409);
    assert_eq!(exists["type"], "/docs/problems#already-exists");
    api.send(Request::restore("ann", &Uuid::new_v4().to_string()))
        .await
        .problem(404);
    api.send(Request::delete("ann", id(&task)))
        .await
        .expect(204);
    api.send(Request::restore("bob", id(&task)))
        .await
        .problem(404);
    api.send(restore()).await.expect(200);

    api.send(Request::delete("ann", id(&task)).query("permanent=true"))
        .await
        .expect(204);
    api.send(restore()).await.problem(404);
    assert_eq!(trash(&api, "").await, json!([]));
}

#[tokio::test]
async fn a_new_task_with_the_id_of_a_deleted_one_takes_its_place() {
    let api = Handlers::start().await;
    let task = create(&api, &json!({"title": "old"})).await;
    api.send(Request::delete("ann", id(&task)))
        .await
        .expect(204);
    let put = Request::put("ann", id(&task)).json(&json!({"title": "new"}));
    api.send(put.header("if-none-match", "*")).await.expect(201);
    assert_eq!(trash(&api, "").await, json!([]));
    api.send(Request::restore("ann", id(&task)))
        .await
        .problem(409);
}

#[tokio::test]
async fn the_trash_lists_the_last_deleted_first_page_by_page() {
    let api = Handlers::start().await;
    let mut titles = Vec::new();
    for number in 0..5 {
        let title = number.to_string();
        let task = create(&api, &json!({"title": title})).await;
        titles.insert(0, title);
        api.send(Request::delete("ann", id(&task)))
            .await
            .expect(204);
    }
    let mut found = Vec::new();
    let mut query = "limit=2".to_owned();
    loop {
        let answer = api.send(Request::trash("ann").query(&query)).await;
        let page = answer.expect(200);
        let page = page.as_array().unwrap().iter();
        found.extend(page.map(|task| task["task"]["title"].as_str().unwrap().to_owned()));
        let Some(link) = answer.header("link") else {
            break;
        };
        let (_, next) = link.split_once("/trash?").unwrap();
        query = next.split('>').next().unwrap().to_owned();
    }
    assert_eq!(found, titles);
    let wrong = api.send(Request::trash("ann").query("cursor=x")).await;
    assert_eq!(
        wrong.invalid_fields(),
        ["cursor does not belong to the trash"]
    );
}

#[tokio::test]
async fn what_is_discarded_is_gone_for_good_and_the_rest_stays() {
    let api = Handlers::start().await;
    let mut ids = Vec::new();
    for title in ["one", "two", "three"] {
        let task = create(&api, &json!({"title": title})).await;
        api.send(Request::delete("ann", id(&task)))
            .await
            .expect(204);
        ids.push(id(&task).to_owned());
    }
    api.send(Request::discard("bob", &ids[0]))
        .await
        .problem(404);
    api.send(Request::discard("ann", &ids[0])).await.expect(204);
    api.send(Request::discard("ann", &ids[0]))
        .await
        .problem(404);
    api.send(Request::restore("ann", &ids[0]))
        .await
        .problem(404);
    assert_eq!(trash(&api, "").await.as_array().unwrap().len(), 2);
    api.send(Request::empty_trash("bob")).await.expect(204);
    api.send(Request::empty_trash("ann")).await.expect(204);
    assert_eq!(trash(&api, "").await, json!([]));
    let feed = api.send(Request::changes("ann")).await.expect(200);
    assert_eq!(feed["changes"], json!([]));
}

#[tokio::test]
async fn a_restored_task_counts_again() {
    let api = Handlers::start_with(&[("USER_MAX_TASKS", "1")]).await;
    let task = create(&api, &json!({"title": "t"})).await;
    api.send(Request::delete("ann", id(&task)))
        .await
        .expect(204);
    let other = create(&api, &json!({"title": "other"})).await;
    let full = api
        .send(Request::restore("ann", id(&task)))
        .await
        .problem(409);
    assert_eq!(full["type"], "/docs/problems#quota-exceeded");
    api.send(Request::delete("ann", id(&other)))
        .await
        .expect(204);
    let restore = Request::restore("ann", id(&task)).header("idempotency-key", "k");
    let first = api.send(restore.clone()).await;
    let again = api.send(restore).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.expect(200), first.expect(200));
}

#[tokio::test]
async fn erasing_a_user_empties_their_trash_as_well() {
    let api = Handlers::start().await;
    let task = create(&api, &json!({"title": "t"})).await;
    create(&api, &json!({"title": "lives"})).await;
    api.send(Request::delete("ann", id(&task)))
        .await
        .expect(204);
    api.send(Request::erase("ann")).await.expect(204);
    let client = api.database().superuser().await;
    for table in [
        "tasks",
        "deleted_tasks",
        "user_counters",
        "idempotency_keys",
    ] {
        let count = format!("select count(*) from {table}");
        let count: i64 = client.query_one(&count, &[]).await.unwrap().get(0);
        assert_eq!(count, 0, "{table}");
    }
}

#[tokio::test]
async fn a_batch_restores_what_another_deleted() {
    let api = Handlers::start().await;
    let task = create(&api, &json!({"title": "t"})).await;
    let operations = |names: &[&str]| -> Value {
        let operation = |name| json!({"operation": name, "id": id(&task)});
        names.iter().map(operation).collect()
    };
    let statuses = async |names: &[&str]| {
        let batch = Request::batch("ann", false, &operations(names));
        let results = api.send(batch).await.expect(200);
        let results = results["results"].as_array().unwrap().iter();
        let statuses = results.map(|result| result["status"].as_u64().unwrap());
        statuses.collect::<Vec<_>>()
    };
    assert_eq!(
        statuses(&["delete", "restore", "restore", "delete", "delete"]).await,
        [204, 200, 409, 204, 404]
    );
    assert_eq!(statuses(&["restore", "complete"]).await, [200, 200]);
}
