//! The README and docs/curl.md do what they say: every command is run and prints what the page
//! shows. Every link in the documentation leads somewhere.

use std::fs::{read_dir, read_to_string};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::harness::{Gateway, SECRET, TestDatabase, have, root};

const MARK: &str = "--- end of an output ---";

/// A fenced block: its language and its text.
type Block<'a> = (&'a str, &'a str);

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_in_the_readme_work_when_pasted() {
    let readme = read_to_string(root().join("README.md")).unwrap();
    let (_, walk) = readme.split_once("\n## Try it\n").unwrap();
    let (walk, _) = walk.split_once("\n## ").unwrap();
    run(walk, 4).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_in_the_curl_guide_work_when_pasted() {
    let guide = read_to_string(root().join("docs/curl.md")).unwrap();
    run(&guide, 5).await;
}

/// Runs the `sh` blocks of a page, in order, and compares what they print with the blocks between
/// them.
async fn run(page: &str, outputs: usize) {
    if !have(&["bash", "curl", "grep", "sed"]) {
        return;
    }
    let (commands, shown): (Vec<Block>, Vec<Block>) = blocks(page)
        .into_iter()
        .partition(|(language, _)| *language == "sh");
    assert_eq!(shown.len(), outputs, "{shown:?}");
    assert_eq!(
        commands.len(),
        outputs + 1,
        "the first block only sets variables"
    );
    let commands: Vec<String> = commands
        .into_iter()
        .map(|(_, text)| format!("{text}\n"))
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

    let printed = String::from_utf8(run.stdout).unwrap();
    let printed: Vec<&str> = printed.split(MARK).map(str::trim).collect();
    let (first, printed) = printed.split_first().unwrap();
    assert_eq!(*first, "", "the first block only sets variables");
    compare(printed, &shown);
}

fn compare(printed: &[&str], shown: &[Block<'_>]) {
    assert_eq!(printed.len(), shown.len(), "{printed:?}");
    for (printed, (language, shown)) in printed.iter().zip(shown) {
        match *language {
            "json" => assert_eq!(json(printed), json(shown)),
            "text" => assert_eq!(*printed, shown.trim()),
            other => panic!("output in {other} is not compared"),
        }
    }
}

/// All fenced blocks of a page.
fn blocks(page: &str) -> Vec<Block<'_>> {
    page.split("\n```")
        .skip(1)
        .step_by(2)
        .map(|block| block.split_once('\n').unwrap())
        .collect()
}

/// A JSON text in which values that differ from run to run are replaced by whether they are
/// well-formed.
fn json(text: &str) -> Value {
    let value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    masked(value)
}

fn masked(mut value: Value) -> Value {
    match &mut value {
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| *item = masked(item.take())),
        Value::Object(members) => {
            for (name, member) in members {
                let text = member.as_str().unwrap_or_default();
                *member = match name.as_str() {
                    "id" => text.parse::<uuid::Uuid>().is_ok().into(),
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

#[test]
fn every_link_in_the_documentation_leads_somewhere() {
    let link = regex::Regex::new(r"\]\(([^)#:]*)(?:#([^)]*))?\)").unwrap();
    let mut links = 0;
    for folder in [root(), root().join("docs")] {
        for page in pages(&folder) {
            let text = read_to_string(&page).unwrap();
            for found in link.captures_iter(&text) {
                let path = match &found[1] {
                    "" => page.clone(),
                    relative => folder.join(relative),
                };
                assert!(path.exists(), "{}: {}", page.display(), &found[0]);
                if let Some(anchor) = found.get(2) {
                    let target = anchors(&read_to_string(&path).unwrap());
                    assert!(
                        target.iter().any(|heading| heading == anchor.as_str()),
                        "{}: {}",
                        page.display(),
                        &found[0]
                    );
                }
                links += 1;
            }
        }
    }
    assert!(links > 50, "{links}");
}

/// The Markdown files in a folder.
fn pages(folder: &Path) -> Vec<PathBuf> {
    let files = read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect()
}

/// The anchors that GitHub gives to the headings of a page.
fn anchors(page: &str) -> Vec<String> {
    let headings = page.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let heading = line.trim_start_matches('#').trim().to_lowercase();
            let kept = |char: &char| char.is_alphanumeric() || matches!(char, ' ' | '-' | '_');
            heading
                .chars()
                .filter(kept)
                .collect::<String>()
                .replace(' ', "-")
        })
        .collect()
}
