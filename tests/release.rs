//! The release binaries as `cargo lambda build` makes them: they answer, and this is what they take.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::harness::{Gateway, Request, TestDatabase, template};

/// Warm requests to each function.
const REQUESTS: usize = 200;

#[tokio::test]
#[ignore = "needs the release binaries: `bash tests/release.sh`"]
async fn release_binaries_answer_under_the_runtime_api() {
    let binaries = env::var("RELEASE_BINARIES").unwrap();
    let database = TestDatabase::create().await;
    let api = Gateway::start_binaries(Path::new(&binaries), &database.url(), &[]).await;
    let id = api.create("ann", "a task that stays").await;
    let mut requests = Request::every_operation("ann", &id);
    // Another operation each, and deleting comes last, on tasks of its own.
    requests.retain(|request| !(request.method == "PUT" || request.operation == "delete-task"));

    println!("function        init ms  first ms  warm ms p50    p99  CPU ms  memory MB");
    for request in requests {
        measure(&api, request.operation, || async {
            api.send(request.clone()).await.status
        })
        .await;
    }
    measure(&api, "delete-task", || async {
        let id = api.create("bob", "a task that goes").await;
        api.send(Request::delete("bob", &id)).await.status
    })
    .await;
    measure(&api, "health", || async {
        api.http("GET", "/health", &[]).await.status
    })
    .await;
    let applied = api
        .server
        .invoke("migrate", serde_json::json!({}))
        .await
        .unwrap();
    assert_eq!(applied, serde_json::json!({"applied": []}));
}

#[test]
#[ignore = "needs the release binaries: `bash tests/release.sh`"]
fn release_binaries_carry_their_own_openssl() {
    for function in template().functions {
        let binary = Path::new(&env::var("RELEASE_BINARIES").unwrap()).join(function.binary);
        let output = Command::new("readelf")
            .arg("--dynamic")
            .arg(&binary)
            .output()
            .unwrap();
        let libraries = String::from_utf8(output.stdout).unwrap();
        assert!(libraries.contains("libc.so"), "{binary:?}: {libraries}");
        for openssl in ["libssl", "libcrypto"] {
            assert!(!libraries.contains(openssl), "{binary:?}: {libraries}");
        }
    }
}

/// Sends the request many times and prints what REPORT lines and the system say of its function. The first
/// one is a cold start, but for `create-task`, which has been asked before.
async fn measure<F: Future<Output = u16>>(api: &Gateway, function: &str, send: impl Fn() -> F) {
    let begin = api.reports(function).len();
    assert!(send().await < 300, "{function}");
    let pid = api.server.environments(function)[0].pid;
    let cpu = cpu_milliseconds(pid);
    for _ in 0..REQUESTS {
        assert!(send().await < 300, "{function}");
    }
    let cpu = (cpu_milliseconds(pid) - cpu) / as_f64(REQUESTS);

    let reports = api.reports(function);
    let first = &reports[0];
    let mut warm: Vec<f64> = reports[begin + 1..]
        .iter()
        .map(|report| value(report, "Duration"))
        .collect();
    warm.sort_by(f64::total_cmp);
    assert_eq!(
        warm.len(),
        REQUESTS,
        "{function}: one environment served all requests"
    );
    println!(
        "{function:<14} {:>8.1} {:>9.1} {:>12.2} {:>6.2} {cpu:>7.2} {:>10}",
        value(first, "Init Duration"),
        value(first, "Duration"),
        warm[REQUESTS / 2],
        warm[REQUESTS * 99 / 100],
        value(reports.last().unwrap(), "Max Memory Used"),
    );
}

/// A value of a REPORT line.
pub fn value(report: &str, name: &str) -> f64 {
    let field = report
        .split('\t')
        .find_map(|field| field.strip_prefix(&format!("{name}: ")));
    field.unwrap().split(' ').next().unwrap().parse().unwrap()
}

/// The CPU time that a process has used, from `/proc` (`man proc_pid_stat`), which counts in hundredths of
/// a second.
fn cpu_milliseconds(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields = stat.rsplit_once(") ").unwrap().1.split(' ');
    fields
        .skip(11)
        .take(2)
        .map(|ticks| ticks.parse::<f64>().unwrap() * 10.0)
        .sum()
}

#[expect(clippy::cast_precision_loss, reason = "a small number")]
fn as_f64(number: usize) -> f64 {
    number as f64
}
