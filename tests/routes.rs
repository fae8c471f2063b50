//! template.yaml is the source of every route. Everything else that names a route or a function
//! agrees with it.

use std::collections::BTreeSet;
use std::fs::{read_dir, read_to_string};
use std::process::Command;

use serde_json::{Value, json};

use crate::harness::{Request, openapi, root, template};

/// The contract's routes, by operation. A route never changes: clients depend on it.
const ROUTES: &[(&str, &str)] = &[
    ("docs", "$default"),
    ("batch-tasks", "POST /api/v1/{user_id}/tasks/batch"),
    (
        "complete-task",
        "PATCH /api/v1/{user_id}/tasks/{task_id}/complete",
    ),
    ("create-task", "POST /api/v1/{user_id}/tasks"),
    ("delete-task", "DELETE /api/v1/{user_id}/tasks/{task_id}"),
    ("discard-task", "DELETE /api/v1/{user_id}/trash/{task_id}"),
    ("docs", "GET /docs"),
    ("docs", "HEAD /docs"),
    ("docs", "GET /docs/problems"),
    ("docs", "HEAD /docs/problems"),
    ("docs", "GET /docs/{asset}"),
    ("docs", "HEAD /docs/{asset}"),
    ("docs", "GET /openapi.json"),
    ("docs", "HEAD /openapi.json"),
    ("empty-trash", "DELETE /api/v1/{user_id}/trash"),
    ("erase-user", "DELETE /api/v1/{user_id}"),
    ("export-user", "GET /api/v1/{user_id}/export"),
    ("export-user", "HEAD /api/v1/{user_id}/export"),
    ("get-task", "GET /api/v1/{user_id}/tasks/{task_id}"),
    ("get-task", "HEAD /api/v1/{user_id}/tasks/{task_id}"),
    ("health", "GET /health"),
    ("health", "HEAD /health"),
    ("health", "GET /health/database"),
    ("health", "HEAD /health/database"),
    ("list-changes", "GET /api/v1/{user_id}/changes"),
    ("list-changes", "HEAD /api/v1/{user_id}/changes"),
    ("list-tasks", "GET /api/v1/{user_id}/tasks"),
    ("list-tasks", "HEAD /api/v1/{user_id}/tasks"),
    ("list-trash", "GET /api/v1/{user_id}/trash"),
    ("list-trash", "HEAD /api/v1/{user_id}/trash"),
    (
        "restore-task",
        "POST /api/v1/{user_id}/trash/{task_id}/restore",
    ),
    ("summarize-tasks", "GET /api/v1/{user_id}/tasks/summary"),
    ("summarize-tasks", "HEAD /api/v1/{user_id}/tasks/summary"),
    ("update-task", "PATCH /api/v1/{user_id}/tasks/{task_id}"),
    ("update-task", "PUT /api/v1/{user_id}/tasks/{task_id}"),
];

fn all_routes() -> BTreeSet<(String, String)> {
    template()
        .routes
        .iter()
        .map(|route| (route.function.clone(), route.key()))
        .collect()
}

/// The routes of the template with a method and a path, which other lists of routes have too.
fn routes() -> BTreeSet<(String, String)> {
    let mut routes = all_routes();
    routes.retain(|(_, key)| key != "$default");
    routes
}

#[test]
fn the_template_has_the_routes_of_the_contract() {
    let expected = ROUTES
        .iter()
        .map(|(operation, route)| ((*operation).to_owned(), (*route).to_owned()))
        .collect();
    assert_eq!(all_routes(), expected);
}

#[test]
fn every_route_of_get_is_also_one_of_head() {
    let heads = routes().into_iter().filter_map(|(function, key)| {
        Some((function, format!("HEAD {}", key.strip_prefix("GET ")?)))
    });
    let heads: BTreeSet<_> = heads.collect();
    assert!(heads.len() >= 10, "{heads:?}");
    assert!(heads.is_subset(&routes()), "{heads:?}");
}

const METHODS: [&str; 6] = ["delete", "get", "head", "patch", "post", "put"];

#[test]
fn openapi_has_the_same_routes() {
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
fn every_file_in_functions_is_a_binary_and_a_function() {
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
    let files: BTreeSet<_> = read_dir(root().join("functions"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(binaries, files);
    assert_eq!(functions, files);
}

/// What holds for every operation is tested with the requests of the harness: a missing token,
/// another user's, a database that is down, one round trip.
#[test]
fn the_tests_know_a_request_for_every_operation_that_needs_a_token() {
    let requested: BTreeSet<_> = Request::all("USER", "TASK")
        .into_iter()
        .map(|request| format!("{} {}", request.method, request.path()))
        .collect();

    let mut documented = BTreeSet::new();
    for (path, item) in openapi()["paths"].as_object().unwrap() {
        // `HEAD` is `GET` without the body, which tests/head.rs tests for all.
        for method in METHODS.into_iter().filter(|method| *method != "head") {
            // Public operations say so: `security: []`.
            if item
                .get(method)
                .is_some_and(|operation| operation.get("security").is_none())
            {
                let path = path
                    .replace("{user_id}", "USER")
                    .replace("{task_id}", "TASK");
                documented.insert(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    assert_eq!(requested, documented);
}

#[test]
fn every_function_has_a_sample_event_of_its_own_route() {
    let routes = routes();
    let schedules: Vec<_> = (template().schedules.into_iter())
        .map(|schedule| schedule.function)
        .collect();
    for function in template().functions {
        let binary = function.binary;
        let file = root().join(format!("tests/events/{binary}.json"));
        let event: Value = serde_json::from_str(&read_to_string(&file).unwrap()).unwrap();
        // Those that no route calls.
        if binary == "migrate" {
            assert_eq!(event, json!({}));
            continue;
        }
        if schedules.contains(&binary) {
            assert_eq!(event["detail-type"], "Scheduled Event");
            continue;
        }
        let key = event["routeKey"].as_str().unwrap().to_owned();
        assert_eq!(event["requestContext"]["routeKey"], key.as_str());
        assert!(routes.contains(&(binary.clone(), key)), "{binary}");
    }
}

/// Cargo does not notice a file of tests that no `mod` names.
#[test]
fn every_file_of_tests_is_compiled() {
    let targets = ["main.rs", "reliability.rs"];
    let declared = targets.map(|target| read_to_string(root().join("tests").join(target)).unwrap());
    for file in read_dir(root().join("tests")).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        if let Some(module) = name
            .strip_suffix(".rs")
            .filter(|_| !targets.contains(&&*name))
        {
            let declaration = format!("mod {module};\n");
            assert!(
                declared.iter().any(|text| text.contains(&declaration)),
                "{name}"
            );
        }
    }
}
