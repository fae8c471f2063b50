//! `GET /api/v1/{user_id}/export` and `DELETE /api/v1/{user_id}`: users export their data and are
//! erased.

use serde_json::{Value, json};

use crate::harness::{Handlers, Request};

async fn rows(api: &Handlers, user_id: &str) -> i64 {
    let count = "select (select count(*) from tasks where user_id = $1)
                      + (select count(*) from idempotency_keys where user_id = $1)";
    api.database()
        .superuser()
        .await
        .query_one(count, &[&user_id])
        .await
        .unwrap()
        .get(0)
}

#[tokio::test]
async fn the_export_has_every_task_of_the_user_and_no_other() {
    let api = Handlers::start().await;
    api.create("bob", "his").await;
    let mut tasks = Vec::new();
    for title in ["first", "second \"quoted\""] {
        tasks.push(
            api.send(Request::create("ann").json(&json!({"title": title})))
                .await
                .expect(201),
        );
    }
    let export = api.send(Request::export("ann")).await;
    assert_eq!(
        export.header("content-disposition"),
        Some("attachment; filename=\"tasks.json\"")
    );
    let document = export.expect(200);
    assert_eq!(
        (&document["user_id"], &document["tasks"]),
        (&json!("ann"), &json!(tasks))
    );
    assert_eq!(
        (&document["next"], export.header("link")),
        (&Value::Null, None)
    );
}

/// The titles of all tasks in the export of `a/b`, and the number of its parts.
async fn export_in_parts(api: &Handlers) -> (Vec<Value>, usize) {
    let (mut titles, mut next, mut parts) = (Vec::new(), Some(String::new()), 0);
    while let Some(query) = next {
        let answer = api.send(Request::export("a/b").query(&query)).await;
        assert!(answer.body.len() < 6 * 1024 * 1024);
        let part = answer.expect(200);
        let tasks = part["tasks"].as_array().unwrap();
        titles.extend(tasks.iter().map(|task| task["title"].clone()));
        let address = part["next"].as_str();
        assert_eq!(
            answer.header("link").map(str::to_owned),
            address.map(|next| format!("<{next}>; rel=\"next\""))
        );
        next = address.map(|next| {
            let query = next.strip_prefix("/api/v1/a%2Fb/export?").unwrap();
            query.to_owned()
        });
        parts += 1;
    }
    (titles, parts)
}

#[tokio::test]
async fn a_large_export_comes_in_parts() {
    let api = Handlers::start().await;
    let insert = "insert into tasks (id, user_id, title, description)
                  select md5(n::text)::uuid, 'a/b', n::text, case when n < 800 then repeat('\"', 10000) end
                  from generate_series(1, 2500) n";
    api.database()
        .superuser()
        .await
        .batch_execute(insert)
        .await
        .unwrap();
    let (mut titles, parts) = export_in_parts(&api).await;
    titles.sort_by_key(|title| title.as_str().unwrap().parse::<u32>().unwrap());
    titles.dedup();
    assert_eq!(titles.len(), 2500);
    assert!(parts > 1, "{parts}");
    for cursor in ["x", "cursor", ""] {
        let answer = api
            .send(Request::export("a/b").query(&format!("cursor={cursor}")))
            .await;
        assert_eq!(
            answer.invalid_fields(),
            ["cursor does not belong to an export"]
        );
    }
}

#[tokio::test]
async fn erasing_a_user_leaves_nothing_and_touches_nobody_else() {
    let api = Handlers::start().await;
    for user_id in ["ann", "bob"] {
        let keyed = Request::create(user_id)
            .json(&json!({"title": "t"}))
            .header("idempotency-key", "k");
        api.send(keyed).await.expect(201);
        api.create(user_id, "another").await;
    }
    api.send(Request::erase("ann")).await.expect(204);
    assert_eq!((rows(&api, "ann").await, rows(&api, "bob").await), (0, 3));
    api.send(Request::erase("ann")).await.expect(204);
    api.create("ann", "she may come back").await;
}

#[tokio::test]
async fn nothing_is_erased_without_the_users_own_id_as_confirmation() {
    let api = Handlers::start().await;
    api.create("ann", "kept").await;
    for query in [
        "",
        "confirm=",
        "confirm=me",
        "confirm=bob",
        "confirm=true",
        "confirm=ANN",
    ] {
        let answer = api.send(Request::erase("ann").query(query)).await;
        let expected = "confirm must be your user ID: everything stored about you will be erased";
        assert_eq!(answer.invalid_fields(), [expected], "{query}");
    }
    let misspelt = api.send(Request::erase("ann").query("Confirm=ann")).await;
    assert_eq!(
        misspelt.invalid_fields(),
        ["Confirm is not a parameter of this operation; the nearest is `confirm`"]
    );
    let twice = api
        .send(Request::erase("ann").query("confirm=ann&confirm=ann"))
        .await;
    assert_eq!(twice.invalid_fields(), ["confirm must be given only once"]);
    assert_eq!(rows(&api, "ann").await, 1);
}

#[tokio::test]
async fn me_also_works_for_export_and_erasure() {
    let api = Handlers::start().await;
    let id = api.create("ann", "t").await;
    let token = crate::harness::token("ann");
    let export = api
        .send(Request::export("me").token(&token))
        .await
        .expect(200);
    assert_eq!(
        (&export["user_id"], &export["tasks"][0]["id"]),
        (&json!("ann"), &json!(id))
    );
    api.send(Request::erase("me").query("confirm=ann").token(&token))
        .await
        .expect(204);
    assert_eq!(rows(&api, "ann").await, 0);
}
