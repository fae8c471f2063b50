//! A client generated from openapi.yaml compiles under strict TypeScript and does what a frontend
//! does.

use crate::harness::{Gateway, Node, TestDatabase, have, root, token};

#[tokio::test(flavor = "multi_thread")]
async fn a_client_generated_from_the_contract_compiles_and_works() {
    if !have(&["node", "npm"]) {
        return;
    }
    let node = Node::install("typescript");
    let openapi = root().join("openapi.yaml");
    node.run(
        "node_modules/.bin/openapi-typescript",
        &[openapi.to_str().unwrap(), "--output", "api.d.ts"],
    );
    node.run("node_modules/.bin/tsc", &[]);

    let database = TestDatabase::create().await;
    let api = Gateway::start(&database).await;
    let output = node.run("node", &["out/main.js", &api.server.url(), &token("ann")]);
    assert_eq!(output.lines().count(), 9, "{output}");
}
