//! How much one user may have.

use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Gateway, Handlers, Reply, Request, TestDatabase};

fn create(title: &str) -> Request {
    Request::create("ann").json(&json!({"title": title}))
}

fn is_full(answer: &Reply) {
    let problem = answer.problem(409);
    assert_eq!(problem["type"], "/docs/problems#quota-exceeded");
}

/// What `ann`'s counters say, and what there is.
async fn counted(api: &Handlers) -> ([i64; 2], [i64; 2]) {
    let query = "select tasks, text_bytes,
                        (select count(*) from tasks where user_id = 'ann'),
                        (select coalesce(sum(octet_length(title || coalesce(description, ''))), 0)
                         from tasks where user_id = 'ann')
                 from user_counters where user_id = 'ann'";
    let client = api.database().superuser().await;
    let row = client.query_one(query, &[]).await.unwrap();
    let get = |index| row.get::<_, i64>(index);
    ([get(0), get(1)], [get(2), get(3)])
}

#[tokio::test]
async fn a_user_at_their_quota_creates_no_more_tasks_until_they_delete_one() {
    let api = Handlers::start_with(&[("USER_MAX_TASKS", "2")]).await;
    let first = api.create("ann", "one").await;
    let second = api.create("ann", "two").await;
    let id = Uuid::new_v4().to_string();
    let put = || {
        Request::put("ann", &id)
            .json(&json!({"title": "t"}))
            .header("if-none-match", "*")
    };
    let batch = json!([{"operation": "create", "task": {"title": "t"}}]);

    is_full(&api.send(create("t")).await);
    is_full(&api.send(create("t").header("idempotency-key", "k")).await);
    is_full(&api.send(put()).await);
    let failed = api.send(Request::batch("ann", true, &batch)).await;
    assert_eq!(failed.problem(409)["errors"][0]["status"], 409);
    let results = api
        .send(Request::batch("ann", false, &batch))
        .await
        .expect(200);
    assert_eq!(
        results["results"][0]["problem"]["type"],
        "/docs/problems#quota-exceeded"
    );
    // Everything else goes on, also for an ID that is taken, and for other users.
    api.send(Request::put("ann", &first).json(&json!({"title": "other"})))
        .await
        .expect(200);
    let taken = Request::put("ann", &first).json(&json!({"title": "t"}));
    api.send(taken.header("if-none-match", "*"))
        .await
        .problem(412);
    api.create("bob", "his").await;

    api.send(Request::delete("ann", &second)).await.expect(204);
    api.send(put()).await.expect(201);
    is_full(&api.send(create("t")).await);
}

#[tokio::test]
async fn a_batch_that_deletes_makes_room_for_what_it_creates() {
    let api = Handlers::start_with(&[("USER_MAX_TASKS", "1")]).await;
    let id = api.create("ann", "one").await;
    let create = json!({"operation": "create", "task": {"title": "t"}});
    let swap = json!([{"operation": "delete", "id": id}, create, create]);
    let results = api
        .send(Request::batch("ann", false, &swap))
        .await
        .expect(200);
    let results = results["results"].as_array().unwrap().iter();
    let statuses: Vec<_> = results.map(|result| result["status"].clone()).collect();
    assert_eq!(statuses, [204, 201, 409]);
}

#[tokio::test]
async fn a_user_with_as_much_text_as_they_may_have_adds_none() {
    let api = Handlers::start_with(&[("USER_MAX_TEXT_BYTES", "1000")]).await;
    let long = json!({"title": "t", "description": "ü".repeat(600)});
    let short = api.create("ann", "short").await;
    let created = api.send(Request::create("ann").json(&long)).await;
    let id = created.expect(201)["id"].as_str().unwrap().to_owned();

    is_full(&api.send(create("t")).await);
    let describe = |id: &str| Request::patch("ann", id).json(&json!({"description": "more"}));
    is_full(&api.send(describe(&short)).await);
    let missing = Uuid::new_v4().to_string();
    api.send(describe(&missing)).await.problem(404);
    api.send(describe(&short).header("if-match", "\"0\""))
        .await
        .problem(409);
    api.send(Request::complete("ann", &short)).await.expect(200);
    let clear = Request::patch("ann", &id).json(&json!({"description": null}));
    api.send(clear).await.expect(200);
    api.send(describe(&short)).await.expect(200);
}

#[tokio::test]
async fn the_quota_counts_exactly_what_there_is() {
    let api = Handlers::start().await;
    let id = api.create("ann", "ä title").await;
    let other = Uuid::new_v4();
    let batch = json!([
        {"operation": "create", "id": other, "task": {"title": "mine", "description": "日本"}},
        {"operation": "create", "id": other, "task": {"title": "taken"}},
        {"operation": "update", "id": id, "task": {"title": "t", "description": "d"}},
        {"operation": "update", "id": Uuid::new_v4(), "task": {"description": "missing"}},
    ]);
    let put = Request::put("ann", &other.to_string()).json(&json!({"title": "taken"}));
    for request in [
        create("keyed").header("idempotency-key", "k"),
        create("keyed").header("idempotency-key", "k"),
        Request::batch("ann", true, &batch),
        Request::batch("ann", false, &batch),
        put.header("if-none-match", "*"),
        Request::delete("ann", &id),
        Request::delete("ann", &id),
    ] {
        api.send(request).await;
        let (counters, there) = counted(&api).await;
        assert_eq!(counters, there);
    }
    assert_eq!(counted(&api).await.0[0], 2);
}

#[tokio::test]
async fn concurrent_requests_do_not_exceed_the_quota() {
    let database = TestDatabase::create().await;
    let quota = [("USER_MAX_TASKS", "10")];
    let api = Gateway::start_with(&database.url(), &quota).await;
    let answers = join_all((0..30).map(|_| api.send(create("t")))).await;
    let statuses = |status| {
        let answers = answers.iter().filter(|answer| answer.status == status);
        answers.count()
    };
    assert_eq!((statuses(201), statuses(409)), (10, 20));
    let list: Value = api.send(Request::list("ann")).await.expect(200);
    assert_eq!(list.as_array().unwrap().len(), 10);
}
