//! The time that Parameter Store adds to a cold start.

use std::env;
use std::path::Path;

use serde_json::json;

use super::{ANYBODY, BETTER_AUTH_SECRET, DATABASE_URL, asking};
use crate::harness::{Gateway, Moto, Publisher, Request, Role, SECRET, TestDatabase};
use crate::release::value;

const COLD_STARTS: usize = 21;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the release binaries in RELEASE_BINARIES: see tests/release.sh"]
async fn the_fetch_is_measured() {
    let database = TestDatabase::create().await;
    let url = database.url();
    let Some(aws) = Moto::start(&[(DATABASE_URL, &url), (BETTER_AUTH_SECRET, SECRET)]) else {
        return;
    };
    // Answers immediately, so that only the SDK's own share is measured.
    let stub = Publisher::start().await;
    let parameters = [(DATABASE_URL, url.as_str()), (BETTER_AUTH_SECRET, SECRET)];
    let parameters = parameters.map(|(name, value)| json!({"Name": name, "Value": value}));
    stub.publish(&json!({"Parameters": parameters}).to_string());

    measure("environment", &url, &[]).await;
    measure("from a stub", "", &asking(&stub.origin(), ANYBODY)).await;
    measure(
        "from moto",
        "",
        &asking(aws.url(), aws.credentials(Role::Allowed)),
    )
    .await;
}

/// Prints the init durations of cold starts in milliseconds.
async fn measure(what: &str, database_url: &str, variables: &[(&str, &str)]) {
    let binaries = env::var("RELEASE_BINARIES").unwrap();
    let mut init = Vec::new();
    for _ in 0..COLD_STARTS {
        let api = Gateway::start_binaries(Path::new(&binaries), database_url, variables).await;
        api.send(Request::list("ann")).await.expect(200);
        init.push(value(&api.reports("list-tasks")[0], "Init Duration"));
    }
    init.sort_by(f64::total_cmp);
    let (least, median, most) = (init[0], init[COLD_STARTS / 2], init[COLD_STARTS - 1]);
    println!("{what:<12} init ms: {least:.1} least, {median:.1} median, {most:.1} most");
}
