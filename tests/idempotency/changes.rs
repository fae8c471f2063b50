//! `Idempotency-Key` on requests that change, delete, or do several things at once.

use futures_util::future::join_all;
use serde_json::json;
use uuid::Uuid;

use crate::harness::{Gateway, Handlers, Reply, Request, TestDatabase};

pub(super) fn keyed(request: Request, key: &str) -> Request {
    request.header("idempotency-key", key)
}

pub(super) fn is_replay(answer: &Reply) -> bool {
    answer.header("idempotency-replayed") == Some("true")
}

/// Sends the request twice with one key, and checks that both answers are the same.
pub(super) async fn twice(api: &Handlers, request: Request, key: &str) -> Reply {
    let first = api.send(keyed(request.clone(), key)).await;
    assert!(first.status < 300 && !is_replay(&first), "{first:?}");
    let again = api.send(keyed(request, key)).await;
    assert!(is_replay(&again), "{again:?}");
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(again.header("etag"), first.header("etag"));
    again
}

#[tokio::test]
async fn a_repeated_toggle_does_not_toggle_back() {
    let api = Handlers::start().await;
    let id = api.create("ann", "t").await;
    let answer = twice(&api, Request::complete("ann", &id), "k").await;
    assert_eq!(answer.expect(200)["completed"], true);
}

#[tokio::test]
async fn a_repeated_update_does_not_undo_what_was_changed_since() {
    let api = Handlers::start().await;
    let id = api.create("ann", "t").await;
    let rename = || Request::patch("ann", &id).json(&json!({"title": "mine"}));
    twice(&api, rename(), "k").await;
    let other = Request::put("ann", &id).json(&json!({"title": "another's"}));
    let newer = api.send(other).await;

    let again = api.send(keyed(rename(), "k")).await;

    assert!(is_replay(&again));
    assert_eq!(again.expect(200), newer.expect(200));
    assert_eq!(again.header("etag"), newer.header("etag"));
}

#[tokio::test]
async fn a_repeated_update_with_if_match_is_not_refused_for_what_it_did_itself() {
    let api = Handlers::start().await;
    let created = api
        .send(Request::create("ann").json(&json!({"title": "t"})))
        .await;
    let id = created.expect(201)["id"].as_str().unwrap().to_owned();
    let put = Request::put("ann", &id).json(&json!({"title": "u"}));
    let put = put.header("if-match", created.header("etag").unwrap());
    twice(&api, put, "k").await;
}

#[tokio::test]
async fn a_repeated_creation_under_the_clients_own_id_is_created_again() {
    let api = Handlers::start().await;
    let put = Request::put("ann", &Uuid::new_v4().to_string()).json(&json!({"title": "t"}));
    let answer = twice(&api, put.header("if-none-match", "*"), "k").await;
    answer.expect(201);
}

#[tokio::test]
async fn a_repeated_deletion_is_a_deletion_and_deletes_nothing_new() {
    let api = Handlers::start().await;
    let id = api.create("ann", "t").await;
    twice(&api, Request::delete("ann", &id), "k").await;
    let put = Request::put("ann", &id).json(&json!({"title": "new"}));
    api.send(put.header("if-none-match", "*")).await.expect(201);

    let again = api.send(keyed(Request::delete("ann", &id), "k")).await;

    assert!(is_replay(&again));
    again.expect(204);
    api.send(Request::get("ann", &id)).await.expect(200);
}

#[tokio::test]
async fn an_update_of_a_task_that_was_deleted_since_is_not_found() {
    let api = Handlers::start().await;
    let id = api.create("ann", "t").await;
    twice(&api, Request::complete("ann", &id), "toggle").await;
    let create = Request::create("ann").json(&json!({"title": "created"}));
    let created = twice(&api, create.clone(), "create").await.expect(201);
    for id in [id.as_str(), created["id"].as_str().unwrap()] {
        api.send(Request::delete("ann", id)).await.expect(204);
    }
    let toggle = keyed(Request::complete("ann", &id), "toggle");
    api.send(toggle).await.problem(404);
    let create = api.send(keyed(create, "create")).await;
    assert_eq!(create.expect(201), created);
}

#[tokio::test]
async fn a_request_that_fails_does_not_use_up_its_key() {
    let api = Handlers::start().await;
    let id = Uuid::new_v4().to_string();
    let toggle = || keyed(Request::complete("ann", &id), "k");
    api.send(toggle()).await.problem(404);
    let put = Request::put("ann", &id).json(&json!({"title": "t"}));
    api.send(put.header("if-none-match", "*")).await.expect(201);
    assert!(!is_replay(&api.send(toggle()).await));
    assert!(is_replay(&api.send(toggle()).await));
}

#[tokio::test]
async fn a_key_belongs_to_one_request_whatever_its_operation() {
    let api = Handlers::start().await;
    let id = api.create("ann", "t").await;
    let other = api.create("ann", "other").await;
    twice(&api, Request::complete("ann", &id), "k").await;
    let complete = |id| Request::complete("ann", id).json(&json!({"completed": true}));
    let batch = json!([{"operation": "delete", "id": id}]);
    for request in [
        complete(&id),
        Request::complete("ann", &other),
        Request::complete("ann", &id).header("if-match", "*"),
        Request::delete("ann", &id),
        Request::patch("ann", &id).json(&json!({"title": "u"})),
        Request::create("ann").json(&json!({"title": "t"})),
        Request::batch("ann", true, &batch),
        Request::batch("ann", false, &batch),
    ] {
        let problem = api.send(keyed(request, "k")).await.problem(422);
        assert_eq!(problem["type"], "/docs/problems#idempotency-key-reused");
    }
    api.send(Request::get("ann", &id)).await.expect(200);
}

#[tokio::test]
async fn fifty_concurrent_toggles_with_one_key_toggle_once() {
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    let id = api.create("ann", "t").await;
    let toggles = (0..50).map(|_| api.send(keyed(Request::complete("ann", &id), "k")));
    let answers = join_all(toggles).await;
    for answer in &answers {
        assert_eq!(answer.expect(200)["completed"], true);
    }
    let first = answers.iter().filter(|answer| !is_replay(answer));
    assert_eq!(first.count(), 1);
}

#[tokio::test]
async fn erasing_a_user_refuses_a_key_since_no_key_outlives_it() {
    let api = Handlers::start().await;
    let id = api.create("ann", "t").await;
    let answer = api.send(keyed(Request::erase("ann"), "k")).await;
    assert_eq!(
        answer.invalid_fields(),
        ["Idempotency-Key cannot be honoured here: erasing also erases your keys"]
    );
    api.send(Request::get("ann", &id)).await.expect(200);
}

/// The release before kept the ID of one created task for a key, and another fingerprint.
#[tokio::test]
async fn a_key_of_the_release_before_is_honoured() {
    let api = Handlers::start().await;
    let id = api.create("ann", "t").await;
    let claim = format!(
        "insert into idempotency_keys (user_id, created_at, task_id, key, fingerprint)
         values ('ann', now(), '{id}', 'k', sha256('another'))"
    );
    let client = api.database().superuser().await;
    client.batch_execute(&claim).await.unwrap();
    let create = Request::create("ann").json(&json!({"title": "t"}));
    let again = api.send(keyed(create, "k")).await;
    assert!(is_replay(&again));
    assert_eq!(again.expect(201)["id"], id);
}
