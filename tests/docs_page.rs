//! The page at `/docs`, used in a browser.

use crate::harness::{Gateway, Node, TestDatabase, have, token};

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_creates_a_task_on_the_docs_page() {
    if !have(&["node", "npm", "chromium"]) {
        return;
    }
    let node = Node::install("browser");
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    let output = node.run(
        "node",
        &["docs.mjs", &api.server.url(), &token("ann"), "pictures"],
    );
    assert_eq!(output.lines().count(), 5, "{output}");
}
