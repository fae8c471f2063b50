//! Every example of a problem in openapi.yaml is what the service sends, and docs/problems.md
//! explains every type of problem and no other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::read_to_string;

use regex::Regex;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::authentication::signed;
use crate::harness::{Gateway, Handlers, Request, openapi, root, token};
use crate::security::sources;

const TYPES: &str = "/docs/problems#";

/// A name for humans, and the problem.
type Provoked = (&'static str, Value);

#[tokio::test]
async fn every_example_of_a_problem_is_what_the_service_sends() {
    let document = openapi();
    let mut examples = Vec::new();
    collect_examples(&document, &mut examples);

    let api = Handlers::start().await;
    let mut provoked = Vec::new();
    provoked.extend(unauthorized(&api).await);
    provoked.extend(invalid(&api).await);
    provoked.extend(in_conflict(&api).await);
    provoked.extend(failed(&api).await);

    for example in &examples {
        let of_its_type: Vec<_> = provoked
            .iter()
            .filter(|(_, problem)| problem["type"] == example["type"])
            .collect();
        assert!(
            of_its_type.iter().any(|(_, problem)| problem == *example),
            "the example {example:#}\nis not what the service sends: {of_its_type:#?}"
        );
    }
    for (name, problem) in &provoked {
        assert!(
            examples.contains(&problem),
            "{name} has no example: {problem:#}"
        );
    }
}

#[test]
fn every_problem_type_has_an_explanation_and_an_example() {
    let document = openapi();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let declared: BTreeMap<_, _> = schemas.values().filter_map(declared).collect();
    let mut examples = Vec::new();
    collect_examples(&document, &mut examples);
    let examples: BTreeMap<_, _> = examples.into_iter().filter_map(name_and_status).collect();
    let page = read_to_string(root().join("docs/problems.md")).unwrap();
    let explained: BTreeMap<_, _> = page.split("\n## ").skip(1).map(explained).collect();

    assert_eq!(explained, declared, "docs/problems.md, and the schemas");
    assert_eq!(examples, declared, "the examples, and the schemas");
}

#[test]
fn every_problem_that_the_code_names_is_explained() {
    let page = read_to_string(root().join("docs/problems.md")).unwrap();
    let named = named_in_the_code();
    assert!(named.len() >= 13, "{named:?}");
    for name in named {
        assert!(
            page.contains(&format!("\n## {name}\n")),
            "{name} is not explained"
        );
    }
}

/// The hyphenated strings in those files of `shared/src` that name the types of problems.
fn named_in_the_code() -> BTreeSet<String> {
    let hyphenated = Regex::new("\"([a-z]+(?:-[a-z]+)+)\"").unwrap();
    let mut named = BTreeSet::new();
    for source in sources(&root().join("shared/src")) {
        let production = source.split("#[cfg(test)]").next().unwrap();
        if production.contains("\"not-found\"") || production.contains("\"missing-token\"") {
            let found = hyphenated.captures_iter(production);
            named.extend(found.map(|name| name[1].to_owned()));
        }
    }
    named
}

/// Every object in the document that is a problem and not the schema of one.
fn collect_examples<'a>(value: &'a Value, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(members) => {
            let is_problem = value["status"].is_u64() && value["type"].is_string();
            if is_problem && !found.contains(&value) {
                found.push(value);
            }
            members
                .values()
                .for_each(|member| collect_examples(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_examples(item, found)),
        _ => {}
    }
}

/// The name and the status of an example, unless its type is `about:blank`.
fn name_and_status(example: &Value) -> Option<(String, u64)> {
    let name = example["type"].as_str()?.strip_prefix(TYPES)?;
    Some((name.to_owned(), example["status"].as_u64()?))
}

/// The name and the status that the schema of a problem declares.
fn declared(schema: &Value) -> Option<(String, u64)> {
    let properties = &schema["allOf"][1]["properties"];
    let name = properties["type"]["const"].as_str()?.strip_prefix(TYPES)?;
    Some((name.to_owned(), properties["status"]["const"].as_u64()?))
}

/// The name and the status of a section of docs/problems.md, which begins `name`, `**404`.
fn explained(section: &str) -> (String, u64) {
    let (name, text) = section.split_once('\n').unwrap();
    let status = text.trim_start().strip_prefix("**").map(|text| &text[..3]);
    (
        name.to_owned(),
        status
            .and_then(|status| status.parse().ok())
            .unwrap_or_default(),
    )
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
    vec![
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
    let turn = "select pg_advisory_lock(user_lock('turn', 'ann'))";
    let holder = api.database().superuser().await;
    holder.batch_execute(turn).await.unwrap();
    let batch = Request::batch("ann", true, &json!([{"operation": "delete", "id": ""}]));
    let unreachable = Handlers::on("postgres://todo@127.0.0.1:1/todo");
    let site = Gateway::start_with("", &[("BETTER_AUTH_SECRET", "")]).await;
    vec![
        ("a defect", api.send(create("refused")).await.problem(500)),
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
