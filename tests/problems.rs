//! Every example of a problem in openapi.yaml is what the service sends, and docs/problems.md
//! explains every type of problem and no other.

mod provoked;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::read_to_string;

use regex::Regex;
use serde_json::Value;

use crate::harness::{Handlers, openapi, root};
use crate::security::sources;

const TYPES: &str = "/docs/problems#";

#[tokio::test]
async fn every_example_of_a_problem_is_what_the_service_sends() {
    let document = openapi();
    let mut examples = Vec::new();
    collect_examples(&document, &mut examples);

    let api = Handlers::start().await;
    let provoked = provoked::all(&api).await;

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
