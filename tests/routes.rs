//! template.yaml is the source of every route; everything else that names them agrees with it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::read_to_string;
use std::process::Command;

use serde_json::Value;

use crate::harness::{openapi, root, template};

/// The contract's routes, by operation. A route never changes: clients depend on it.
const ROUTES: [(&str, &str); 17] = [
    ("batch-tasks", "POST /api/v1/{user_id}/tasks/batch"),
    (
        "complete-task",
        "PATCH /api/v1/{user_id}/tasks/{task_id}/complete",
    ),
    ("create-task", "POST /api/v1/{user_id}/tasks"),
    ("delete-task", "DELETE /api/v1/{user_id}/tasks/{task_id}"),
    ("docs", "GET /docs"),
    ("docs", "GET /docs/problems"),
    ("docs", "GET /docs/{asset}"),
    ("docs", "GET /openapi.json"),
    ("erase-user", "DELETE /api/v1/{user_id}"),
    ("export-user", "GET /api/v1/{user_id}/export"),
    ("get-task", "GET /api/v1/{user_id}/tasks/{task_id}"),
    ("health", "GET /health"),
    ("health", "GET /health/database"),
    ("list-tasks", "GET /api/v1/{user_id}/tasks"),
    ("summarize-tasks", "GET /api/v1/{user_id}/tasks/summary"),
    ("update-task", "PATCH /api/v1/{user_id}/tasks/{task_id}"),
    ("update-task", "PUT /api/v1/{user_id}/tasks/{task_id}"),
];

fn routes() -> BTreeSet<(String, String)> {
    template()
        .routes
        .iter()
        .map(|route| (route.function.clone(), route.key()))
        .collect()
}

#[test]
fn the_template_has_the_routes_of_the_contract() {
    let expected = ROUTES.map(|(operation, route)| (operation.to_owned(), route.to_owned()));
    assert_eq!(routes(), BTreeSet::from(expected));
}

#[test]
fn openapi_has_the_same_routes() {
    const METHODS: [&str; 5] = ["delete", "get", "patch", "post", "put"];
    let mut documented = BTreeSet::new();
    let mut ids = BTreeSet::new();
    for (path, item) in openapi()["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if METHODS.contains(&method.as_str()) {
                let id = operation["operationId"].as_str().unwrap();
                let function = operation
                    .get("x-function")
                    .map_or(id, |function| function.as_str().unwrap());
                documented.insert((
                    function.to_owned(),
                    format!("{} {path}", method.to_uppercase()),
                ));
                assert!(ids.insert(id.to_owned()), "{id} is there twice");
            }
        }
    }

    assert_eq!(documented, routes());
    for (function, _) in routes() {
        assert!(ids.contains(&function), "no operationId is {function}");
    }
}

#[test]
fn cargo_lambda_watch_has_the_same_routes() {
    let cargo = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&cargo.stdout).unwrap();

    let router = metadata["metadata"]["lambda"]["watch"]["router"]
        .as_object()
        .unwrap();
    let mut watched = BTreeSet::new();
    for (path, methods) in router {
        for route in methods.as_array().unwrap() {
            let [function, method] = ["function", "method"].map(|key| route[key].as_str().unwrap());
            watched.insert((function.to_owned(), format!("{method} {path}")));
        }
    }

    assert_eq!(watched, routes());
}

#[test]
fn every_function_is_a_binary_and_every_binary_a_function() {
    let manifest = read_to_string(root().join("functions/Cargo.toml")).unwrap();
    let binaries: BTreeSet<_> = manifest
        .split("[[bin]]")
        .skip(1)
        .map(|bin| bin.split('"').nth(1).unwrap().to_owned())
        .collect();
    let functions: BTreeSet<_> = template()
        .functions
        .into_iter()
        .map(|function| function.binary)
        .collect();
    assert_eq!(binaries, functions);
}

#[test]
fn every_function_has_a_sample_event_of_its_own_route() {
    let routes = routes();
    let mut events = BTreeMap::new();
    for function in template().functions {
        let file = root().join(format!("tests/events/{}.json", function.binary));
        let event: Value = serde_json::from_str(&read_to_string(&file).unwrap()).unwrap();
        events.insert(function.binary, event);
    }
    events.remove("migrate");
    for (binary, event) in events {
        let key = event["routeKey"].as_str().unwrap().to_owned();
        assert_eq!(event["requestContext"]["routeKey"], key.as_str());
        assert!(routes.contains(&(binary.clone(), key)), "{binary}");
    }
}
