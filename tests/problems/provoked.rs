//! Requests that provoke every problem.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::authentication::signed;
use crate::harness::{Gateway, Handlers, Request, token};

/// A name for humans, and the problem.
type Provoked = (&'static str, Value);

/// Every problem that the service sends.
pub(super) async fn all(api: &Handlers) -> Vec<Provoked> {
    let mut provoked = unauthorized(api).await;
    provoked.extend(invalid(api).await);
    provoked.extend(in_conflict(api).await);
    provoked.extend(failed(api).await);
    provoked
}

/// A request of `ann` to create a task.
fn create(title: &str) -> Request {
    Request::create("ann").json(&json!({"title": title}))
}

async fn unauthorized(api: &Handlers) -> Vec<Provoked> {
    let now = jiff::Timestamp::now().as_second();
    let expired = signed(&json!({"sub": "ann", "exp": now - 3600}));
    let read_only = signed(&json!({"sub": "ann", "scope": "tasks:read", "exp": now + 60}));
    let malformed = create("t")
        .anonymous()
        .header("authorization", "Bearer a b");
    vec![
        ("a malformed header", api.send(malformed).await.problem(400)),
        (
            "no token",
            api.send(create("t").anonymous()).await.problem(401),
        ),
        (
            "an expired token",
            api.send(create("t").token(&expired)).await.problem(401),
        ),
        (
            "another user",
            api.send(Request::list("bob").token(&token("ann")))
                .await
                .problem(403),
        ),
        (
            "a missing scope",
            api.send(create("t").token(&read_only)).await.problem(403),
        ),
    ]
}

async fn invalid(api: &Handlers) -> Vec<Provoked> {
    let array = Request::create("ann").json(&json!([]));
    let fields = Request::create("ann").json(&json!({"title": "", "colour": "red"}));
    let parameter = Request::list("ann").query("status=done");
    let unknown = Request::list("ann").query("stauts=completed");
    let header = Request::delete("ann", &Uuid::now_v7().to_string()).header("if-match", "unquoted");
    let large = create(&"t".repeat(300_000));
    let text = Request::create("ann")
        .body("{}")
        .header("content-type", "text/plain");
    vec![
        ("an array", api.send(array).await.problem(400)),
        ("invalid fields", api.send(fields).await.problem(400)),
        (
            "an invalid parameter",
            api.send(parameter).await.problem(400),
        ),
        ("an unknown parameter", api.send(unknown).await.problem(400)),
        ("an invalid header", api.send(header).await.problem(400)),
        ("a large body", api.send(large).await.problem(413)),
        ("plain text", api.send(text).await.problem(415)),
    ]
}

async fn in_conflict(api: &Handlers) -> Vec<Provoked> {
    let id = api.create("ann", "t").await;
    let missing = Uuid::now_v7().to_string();
    let new = json!({"operation": "create", "task": {"title": "t"}});
    let delete = json!({"operation": "delete", "id": missing});
    let taken = json!([{"operation": "create", "id": id, "task": {"title": "t"}}]);
    let results = api
        .send(Request::batch("ann", false, &taken))
        .await
        .expect(200);
    let stale = Request::delete("ann", &id).header("if-match", "\"1\"");
    let keyed = |title| create(title).header("idempotency-key", "key");
    api.send(keyed("one")).await.expect(201);
    let batch = Request::batch("ann", true, &json!([new, new, new, delete]));
    let full = Handlers::on_with(&api.database().url(), &[("USER_MAX_TASKS", "1")]);
    vec![
        ("a full quota", full.send(create("t")).await.problem(409)),
        (
            "a missing task",
            api.send(Request::get("ann", &missing)).await.problem(404),
        ),
        ("an ID in use", results["results"][0]["problem"].clone()),
        ("a failed batch", api.send(batch).await.problem(409)),
        ("a stale tag", api.send(stale).await.problem(412)),
        (
            "a reused key",
            api.send(keyed("another")).await.problem(422),
        ),
    ]
}

/// The problems that are not the client's fault, and a page that does not exist.
async fn failed(api: &Handlers) -> Vec<Provoked> {
    let refuse = "alter table tasks add constraint refused check (title <> 'refused')";
    api.database()
        .superuser()
        .await
        .batch_execute(refuse)
        .await
        .unwrap();
    let defect = api.send(create("refused")).await.problem(500);
    let turn = "begin; select from user_counters where user_id = 'ann' for update";
    let holder = api.database().superuser().await;
    holder.batch_execute(turn).await.unwrap();
    let batch = Request::batch("ann", true, &json!([{"operation": "delete", "id": ""}]));
    let unreachable = Handlers::on("postgres://todo@127.0.0.1:1/todo");
    let site = Gateway::start_with("", &[("BETTER_AUTH_SECRET", "")]).await;
    vec![
        ("a defect", defect),
        ("too many at once", api.send(batch).await.problem(429)),
        (
            "no database",
            unreachable.send(create("t")).await.problem(503),
        ),
        (
            "another version of a page",
            site.http("GET", "/docs", &[("if-match", "\"other\"")])
                .await
                .problem(412),
        ),
        (
            "a missing page",
            site.http("GET", "/docs/nothing", &[]).await.problem(404),
        ),
    ]
}
