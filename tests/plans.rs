//! No request reads a whole table, according to the plans that PostgreSQL logs.
//!
//! `PLAN_TASKS=1000000 cargo test --package functions --test contract plans:: -- --nocapture`
//! prints the plans on a million tasks.

mod explained;

use std::collections::BTreeSet;

use serde_json::json;

use crate::harness::{Handlers, Request};
use explained::{Explained, set};

/// How many tasks there are, unless `PLAN_TASKS` says otherwise.
const TASKS: u32 = 20_000;

/// One query for each filter and each order, alone and together.
const QUERIES: [&str; 24] = [
    "",
    "status=pending",
    "status=completed",
    "priority=urgent",
    "priority=low&priority=high",
    "tag=home",
    "tag=rare%20100",
    "due_before=2026-11-01",
    "due_after=2026-12-01&due_before=2026-12-02",
    "overdue=true",
    "overdue=false",
    "created_after=2026-01-01",
    "updated_before=2026-11-01",
    "q=buy",
    "q=nowhere",
    "sort=created_at",
    "sort=updated_at&limit=50",
    "sort=-updated_at&limit=50",
    "sort=due&limit=50",
    "sort=-due&limit=50",
    "sort=-priority&limit=50",
    "sort=title&limit=50",
    "count=true&limit=50",
    "status=pending&tag=home&q=buy&due_before=2027-01-01&sort=-priority&limit=50",
];

/// Parallel workers seem to cost nothing.
const CHEAP_WORKERS: [&str; 4] = [
    "parallel_setup_cost = 0",
    "parallel_tuple_cost = 0",
    "min_parallel_table_scan_size = 0",
    "min_parallel_index_scan_size = 0",
];

/// How many tasks there are, and idempotency keys.
fn tasks() -> u32 {
    std::env::var("PLAN_TASKS").map_or(TASKS, |tasks| tasks.parse().unwrap())
}

#[tokio::test]
async fn no_request_scans_a_table() {
    let mut explained = Explained::start(tasks()).await;

    for query in QUERIES {
        let plans = explained.plans(Request::list("ann").query(query)).await;
        assert_indexed(&format!("list-tasks {query}"), &plans);
    }
    let next = explained
        .api
        .send(Request::list("ann").query("sort=title&limit=100"))
        .await;
    let (_, next) = next.header("link").unwrap().split_once('?').unwrap();
    let next = next.split('>').next().unwrap().to_owned();
    let plans = explained.plans(Request::list("ann").query(&next)).await;
    assert_indexed("list-tasks sort=title, the second page", &plans);

    let first = explained.api.create("ann", "one").await;
    let second = explained.api.create("ann", "two").await;
    for request in other_requests(&first, &second) {
        let operation = request.operation;
        let plans = explained.plans(request).await;
        assert_indexed(operation, &plans);
    }
}

#[tokio::test]
async fn a_purge_reads_only_what_it_deletes() {
    let mut explained = Explained::start(tasks()).await;

    let (deleted, plans) = explained.purge().await;

    // Half of the keys, and those that have expired since.
    assert!(deleted >= u64::from(tasks() / 2), "{deleted}");
    println!("{plans:.4000}");
    assert!(!plans.contains("Seq Scan on idempotency_keys"), "{plans}");
    let scans = plans.split("Index Scan using idempotency_keys_by_creation");
    let rows: Vec<u64> = scans
        .skip(1)
        .map(|scan| scan.split("rows=").nth(2).unwrap())
        .map(|rows| rows.split(['.', ' ']).next().unwrap().parse().unwrap())
        .collect();
    assert!(rows.len() > 10, "{plans}");
    assert!(rows.iter().all(|rows| *rows <= 1000), "{rows:?}");
}

/// A request to each of the other operations, on two tasks of `ann`.
fn other_requests(first: &str, second: &str) -> Vec<Request> {
    let create = Request::create("ann").json(&json!({"title": "t"}));
    let put = Request::put("ann", first).json(&json!({"title": "u"}));
    let batch = json!([
        {"operation": "create", "task": {"title": "t"}},
        {"operation": "update", "id": first, "if_match": "*", "task": {"title": "u"}},
        {"operation": "complete", "id": first},
        {"operation": "delete", "id": second},
    ]);
    vec![
        create.header("idempotency-key", "k"),
        Request::get("ann", first),
        put.header("if-match", "*"),
        Request::complete("ann", first),
        Request::summarize("ann"),
        Request::batch("ann", true, &batch),
        Request::export("ann"),
        Request::changes("ann"),
        Request::delete("ann", first),
        Request::trash("ann"),
        Request::restore("ann", first),
        Request::delete("ann", first),
        Request::discard("ann", first),
        Request::empty_trash("ann"),
        Request::erase("ann"),
    ]
}

#[test]
fn the_plans_of_every_operation_are_checked() {
    let operations = |requests: Vec<Request>| {
        requests
            .into_iter()
            .map(|request| request.operation)
            .collect::<BTreeSet<_>>()
    };
    let mut checked = operations(other_requests("a", "b"));
    checked.insert("list-tasks");
    assert_eq!(checked, operations(Request::all("ann", "a")));
}

/// Every statement on a table used an index. Prints how long each took, and how it found its rows.
fn assert_indexed(what: &str, plans: &str) {
    println!("\n{what}");
    let mut scans = 0;
    for plan in plans
        .split("duration: ")
        .skip(1)
        .filter(|plan| plan.contains(" Scan ") && plan.contains("tasks"))
    {
        println!(
            "  {}",
            plan.lines().next().unwrap().trim_end_matches("  plan:")
        );
        for line in plan
            .lines()
            .filter(|line| line.contains(" Scan ") || line.contains("Sort Key"))
        {
            println!("    {}", line.trim().trim_start_matches("->").trim());
        }
        scans += 1;
    }
    assert!(scans > 0, "{what}: PostgreSQL logged no plan:\n{plans}");
    for table in [
        "tasks",
        "idempotency_keys",
        "deleted_tasks",
        "user_counters",
    ] {
        assert!(
            !plans.contains(&format!("Seq Scan on {table}")),
            "{what} reads the whole table:\n{plans}"
        );
    }
}

#[tokio::test]
async fn a_list_that_the_client_has_is_not_read_again() {
    let mut explained = Explained::start(TASKS).await;
    for query in ["count=true", "overdue=true", "q=buy&sort=title&limit=50"] {
        let list = || Request::list("ann").query(query);
        let known = explained.api.send(list()).await;
        let tag = known.header("etag").unwrap();
        let plans = explained.plans(list().header("if-none-match", tag)).await;
        let scans = plans.lines().filter(|line| line.contains(" on tasks"));
        let executed = scans.filter(|line| !line.contains("never executed"));
        // To know what is overdue, the last due date that has passed is read.
        let executed: Vec<_> = executed
            .filter(|line| !line.contains("tasks_by_due"))
            .collect();
        assert!(executed.is_empty(), "{query}: {executed:#?}");
        assert!(plans.contains("never executed"), "{query}");
    }
}

#[tokio::test]
async fn no_request_waits_for_parallel_workers_even_where_they_seem_to_cost_nothing() {
    let mut explained = Explained::start(TASKS).await;
    set(&explained.superuser().await, &CHEAP_WORKERS).await;
    let plan =
        "explain select priority, count(*) from tasks where user_id = 'ann' group by priority";
    let parallel = explained.superuser().await.query(plan, &[]).await.unwrap();
    assert!(
        parallel
            .iter()
            .any(|row| row.get::<_, String>(0).contains("Gather")),
        "{parallel:?}"
    );

    explained.api = Handlers::on(&explained.cluster.url("todo"));
    for request in [
        Request::summarize("ann"),
        Request::list("ann").query("count=true&q=nowhere"),
    ] {
        let operation = request.operation;
        let plans = explained.plans(request).await;
        assert!(plans.contains("Scan"), "{operation}: no plan was logged");
        assert!(!plans.contains("Gather"), "{operation}: {plans}");
    }
}
