//! The snippets of docs/api.md, run one after the other: each prints what the page shows.

use std::process::Command;

use crate::harness::{Gateway, TestDatabase, have, root, token};

const MARK: &str = "--- end of a snippet ---";

/// The snippets of a page as one program, which prints `MARK` after each, and the output shown.
fn snippets(page: &str) -> (String, Vec<String>) {
    let (mut program, mut shown) = (String::new(), Vec::new());
    for block in page.split("\n```").skip(1).step_by(2) {
        match block.split_once('\n').unwrap() {
            ("js", snippet) => program += snippet,
            ("text", output) => {
                program.extend(["\nconsole.log('", MARK, "');\n"]);
                shown.push(output.trim().to_owned());
            }
            // The form of a batch, with IDs left out: the snippet below it sends one.
            ("json", form) => assert!(form.contains('…'), "{form}"),
            (other, _) => panic!("snippets in {other} are not run"),
        }
    }
    (program, shown)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_snippet_of_the_guide_prints_what_is_shown() {
    if !have(&["node"]) {
        return;
    }
    let guide = std::fs::read_to_string(root().join("docs/api.md")).unwrap();
    let (snippets, shown) = snippets(&guide);

    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    let program = format!(
        "const API = '{}';\nconst TOKEN = '{}';\n{snippets}",
        api.server.url(),
        token("ann")
    );
    let run = Command::new("node")
        .args(["--input-type=module", "--eval", &program])
        .output()
        .unwrap();

    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    let output = String::from_utf8(run.stdout).unwrap();
    let printed: Vec<_> = output
        .split(MARK)
        .map(|part| part.trim().to_owned())
        .collect();
    let (last, printed) = printed.split_last().unwrap();
    assert_eq!((printed, last.as_str()), (&shown[..], ""));
}
