//! No request reads the whole table: PostgreSQL's own account of how it ran each.
//!
//! `PLAN_TASKS=1000000 cargo test --package functions --test contract plans:: -- --nocapture` prints the plans on a
//! million tasks.

use std::fs::{File, read_to_string};
use std::path::{Path, PathBuf};

use local::postgres::{Cluster, ClusterOptions};
use serde_json::json;
use tokio_postgres::Client;

use crate::harness::{Handlers, Request};

/// How many tasks there are, unless `PLAN_TASKS` says otherwise.
const TASKS: u32 = 20_000;

/// `ann` has a tenth of them, and 1,000 other users the rest.
const OWNER: &str = "case when n % 10 = 0 then 'ann' else 'user ' || n % 1000 end";

/// Keys of the last two days.
const FILL_KEYS: &str = "
insert into idempotency_keys (user_id, key, fingerprint, task_id, created_at)
select case when n % 10 = 0 then 'ann' else 'user ' || n % 1000 end, n::text, sha256(n::text::bytea), gen_random_uuid(),
       now() - n * interval '48 hours' / $1::int8
from generate_series(1, $1::int8) n";

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

/// A PostgreSQL of its own, since what it logs is the test.
struct Explained {
    api: Handlers,
    log: PathBuf,
    read: usize,
    cluster: Cluster,
}

impl Explained {
    async fn start(tasks: u32) -> Self {
        let cluster = Cluster::start(ClusterOptions::temporary()).await.unwrap();
        cluster.create_database("todo").await.unwrap();
        migrations::apply(&cluster.url("todo").parse().unwrap())
            .await
            .unwrap();
        let client = superuser(&cluster).await;
        testbed::tasks::fill(&client, i64::from(tasks), OWNER)
            .await
            .unwrap();
        client
            .execute(FILL_KEYS, &[&i64::from(tasks)])
            .await
            .unwrap();
        client.batch_execute("vacuum analyze").await.unwrap();
        set(&client, &EXPLAIN).await;
        let directory = client
            .query_one("show data_directory", &[])
            .await
            .unwrap()
            .get::<_, String>(0);
        let log = Path::new(&directory).with_file_name("postgresql.log");
        let api = Handlers::on(&cluster.url("todo"));
        Self {
            api,
            log,
            read: 0,
            cluster,
        }
    }

    /// Another session past row-level security.
    async fn superuser(&self) -> Client {
        superuser(&self.cluster).await
    }

    /// Sends a request and returns the plans of its statements on tables, as PostgreSQL logs them when they end.
    async fn plans(&mut self, request: Request) -> String {
        self.read =
            usize::try_from(File::open(&self.log).unwrap().metadata().unwrap().len()).unwrap();
        let answer = self.api.send(request).await;
        assert!(answer.status < 300, "{answer:?}");
        read_to_string(&self.log).unwrap()[self.read..].to_owned()
    }
}

async fn superuser(cluster: &Cluster) -> Client {
    shared::db::connect(&cluster.superuser_url("todo").parse().unwrap())
        .await
        .unwrap()
}

/// Logs the plan of every statement.
const EXPLAIN: [&str; 4] = [
    "session_preload_libraries = 'auto_explain'",
    "auto_explain.log_min_duration = 0",
    "auto_explain.log_analyze = on",
    "auto_explain.log_buffers = on",
];

/// Parallel workers seem to cost nothing.
const CHEAP_WORKERS: [&str; 4] = [
    "parallel_setup_cost = 0",
    "parallel_tuple_cost = 0",
    "min_parallel_table_scan_size = 0",
    "min_parallel_index_scan_size = 0",
];

/// Only new sessions have these settings.
async fn set(client: &Client, settings: &[&str]) {
    for setting in settings {
        client
            .batch_execute(&format!("alter database todo set {setting}"))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn no_request_scans_a_table() {
    let tasks = std::env::var("PLAN_TASKS").map_or(TASKS, |tasks| tasks.parse().unwrap());
    let mut explained = Explained::start(tasks).await;

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

    let id = explained.api.create("ann", "one").await;
    let keyed = Request::create("ann")
        .json(&json!({"title": "t"}))
        .header("idempotency-key", "k");
    let put = Request::put("ann", &id)
        .json(&json!({"title": "u"}))
        .header("if-match", "*");
    let batch = json!([
        {"operation": "create", "task": {"title": "t"}},
        {"operation": "update", "id": id, "if_match": "*", "task": {"title": "u"}},
        {"operation": "complete", "id": id},
        {"operation": "delete", "id": explained.api.create("ann", "two").await},
    ]);
    for request in [
        keyed,
        Request::get("ann", &id),
        put,
        Request::complete("ann", &id),
        Request::summarize("ann"),
        Request::batch("ann", true, &batch),
        Request::delete("ann", &id),
        Request::erase("ann"),
    ] {
        let operation = request.operation;
        let plans = explained.plans(request).await;
        assert_indexed(operation, &plans);
    }
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
    for table in ["tasks", "idempotency_keys"] {
        assert!(
            !plans.contains(&format!("Seq Scan on {table}")),
            "{what} reads the whole table:\n{plans}"
        );
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
