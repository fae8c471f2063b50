//! Libraries for clients that work offline, which nobody here wrote, each with an adapter to copy
//! (tests/clients): whatever happens to two replicas, they end with exactly what the server has.

use std::sync::OnceLock;

use crate::harness::{Gateway, Node, SECRET, TestDatabase, have};

/// The scenarios of tests/clients, and the random histories.
const RUNS: usize = 31 + 5;

/// The folder tests/clients with its packages, which are installed once.
static NODE: OnceLock<Node> = OnceLock::new();

#[tokio::test(flavor = "multi_thread")]
async fn replicas_in_tanstack_db_end_with_what_the_server_has() {
    run_every_scenario_with("tanstack").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_in_rxdb_end_with_what_the_server_has() {
    run_every_scenario_with("rxdb").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_in_watermelondb_end_with_what_the_server_has() {
    run_every_scenario_with("watermelon").await;
}

async fn run_every_scenario_with(library: &str) {
    if !have(&["node", "npm"]) {
        return;
    }
    let node = NODE.get_or_init(|| Node::install("clients"));
    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    let output = node.run("node", &["main.mjs", &api.server.url(), SECRET, library]);
    assert_eq!(output.lines().count(), RUNS, "{output}");
}
