//! The README's walk does what it says: each command is run, and answers what is shown.

use std::process::Command;

use serde_json::Value;

use crate::harness::{Gateway, SECRET, TestDatabase, have, root};

const MARK: &str = "--- end of an answer ---";

#[tokio::test(flavor = "multi_thread")]
async fn the_walk_through_the_api_works_when_pasted() {
    if !have(&["bash", "curl", "sed"]) {
        return;
    }
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let (_, walk) = readme.split_once("## A walk through the API").unwrap();
    let (walk, _) = walk.split_once("\n## ").unwrap();
    let commands = blocks(walk, "sh");
    let shown: Vec<Value> = blocks(walk, "json")
        .iter()
        .map(|json| serde_json::from_str(json).unwrap())
        .collect();

    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    let script = commands
        .join(&format!("echo; echo '{MARK}'\n"))
        .replace("http://127.0.0.1:9000", &api.server.url());
    let run = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script])
        .current_dir(root())
        .env("BETTER_AUTH_SECRET", SECRET)
        .output()
        .unwrap();
    assert!(run.status.success(), "{run:?}");

    // The first commands only set variables.
    let output = String::from_utf8(run.stdout).unwrap();
    let answers: Vec<&str> = output.split(MARK).skip(1).collect();
    assert_eq!(answers.len(), shown.len(), "{output}");
    for (answer, shown) in answers.into_iter().zip(shown) {
        let answer: Value =
            serde_json::from_str(answer).unwrap_or_else(|error| panic!("{error}: {answer}"));
        assert_eq!(masked(answer), masked(shown));
    }
}

/// The fenced blocks of one language.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    text.split(fence.as_str())
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect()
}

/// What differs from run to run is only looked at for its form.
fn masked(mut value: Value) -> Value {
    match &mut value {
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| *item = masked(item.take())),
        Value::Object(members) => {
            for (name, member) in members {
                let text = member.as_str().unwrap_or_default();
                *member = match name.as_str() {
                    "id" => (text.parse::<uuid::Uuid>().is_ok()).into(),
                    "completed_at" if member.is_null() => continue,
                    "created_at" | "updated_at" | "completed_at" => {
                        text.parse::<jiff::Timestamp>().is_ok().into()
                    }
                    "database_ms" => member.is_f64().into(),
                    _ => masked(member.take()),
                };
            }
        }
        _ => {}
    }
    value
}
