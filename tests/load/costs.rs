//! What the worst that one user may send costs, compared with what is ordinary.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Handlers, Request};

/// Long tokens on which PostgreSQL's text search took quadratic time, and others that might be
/// slow.
const UNITS: [&str; 10] = [
    "a1@",
    "a_",
    "~/",
    "snake_case_",
    "http://",
    "ß",
    "e\u{301}",
    "\u{309a}",
    "\\",
    "🛒",
];

/// Words for which a search took seconds.
const WORDS: [&str; 4] = ["a_", "a1@", "~/", "ab"];

fn print(what: &str, ordinary: Duration, worst: Duration) {
    let [ordinary, worst] = [ordinary, worst].map(|time| time.as_secs_f64() * 1000.0);
    let ratio = worst / ordinary;
    println!("| cost: {what} | {ordinary:.1} ms | {worst:.1} ms | {ratio:.2} |");
}

/// The shortest time of seven requests.
async fn fastest(api: &Handlers, request: &Request) -> Duration {
    let mut least = Duration::MAX;
    for _ in 0..7 {
        let started = Instant::now();
        let answer = api.send(request.clone()).await;
        least = least.min(started.elapsed());
        assert!(answer.status < 300, "{answer:?}");
    }
    least
}

fn text_of(unit: &str) -> String {
    unit.chars().cycle().take(10_000).collect()
}

/// The times to create a task with this description, and to toggle it.
async fn writes(api: &Handlers, description: &str) -> [Duration; 2] {
    let task = json!({"title": "t", "description": description});
    let create = Request::create("ann").json(&task);
    let id = api.send(create.clone()).await.expect(201)["id"].clone();
    let toggle = Request::complete("ann", id.as_str().unwrap());
    [fastest(api, &create).await, fastest(api, &toggle).await]
}

#[tokio::test]
async fn no_text_of_a_length_costs_much_more_than_another() {
    let api = Handlers::start().await;
    let [create, toggle] = writes(&api, &text_of("buy some milk and bread ")).await;
    let mut worst = [Duration::ZERO; 2];
    for unit in UNITS {
        let times = writes(&api, &text_of(unit)).await;
        worst = [worst[0].max(times[0]), worst[1].max(times[1])];
    }
    print("creating a task with 10,000 characters", create, worst[0]);
    print("completing that task", toggle, worst[1]);
    let slack = Duration::from_millis(20);
    assert!(worst[0] < 3 * create + slack && worst[1] < 3 * toggle + slack);
}

#[tokio::test]
async fn no_search_costs_much_more_than_another() {
    let api = Handlers::start().await;
    let task =
        |unit| json!({"operation": "create", "task": {"title": "t", "description": text_of(unit)}});
    let batch: Value = (0..100).map(|n| task(WORDS[n % WORDS.len()])).collect();
    api.send(Request::batch("ann", true, &batch))
        .await
        .expect(200);
    let search = |q: &str| Request::list("ann").query(&format!("limit=1&count=true&q={q}"));
    let ordinary = fastest(&api, &search("zebra")).await;
    let mut worst = Duration::ZERO;
    for word in WORDS {
        let word = word.repeat(99);
        worst = worst.max(fastest(&api, &search(&word[..198])).await);
    }
    print("a search for one word in 100 such tasks", ordinary, worst);
    assert!(worst < 5 * ordinary + Duration::from_millis(20));
}

#[tokio::test]
async fn nobody_holds_up_a_user_by_locks_that_they_can_choose() {
    let api = Handlers::start().await;
    let create = json!([{"operation": "create", "task": {"title": "t"}}]);
    let batch = Request::batch("ann", true, &create);
    let ordinary = fastest(&api, &batch).await;
    // Every lock that other users can take, and the one that could once be chosen.
    let hold = "select pg_advisory_lock(hashtextextended('batch ann', 0));
                select pg_advisory_lock(user_lock('turn', 'user ' || n)) from generate_series(1, 1000) n;
                select pg_advisory_lock(user_lock('slot', 'user ' || n) # slot)
                from generate_series(1, 1000) n, generate_series(0, 3) slot";
    let holder = api.database().superuser().await;
    holder.batch_execute(hold).await.unwrap();
    let held_up = fastest(&api, &batch).await;
    print(
        "a batch, while others hold their 5,000 locks",
        ordinary,
        held_up,
    );
    assert!(held_up < 3 * ordinary + Duration::from_millis(20));
}

#[tokio::test]
async fn a_user_who_stores_all_they_can_fills_a_few_megabytes() {
    let api = Handlers::start().await;
    let text = || -> String {
        std::iter::repeat_with(fastrand::alphanumeric)
            .take(10_000)
            .collect()
    };
    let mut stored = Vec::new();
    for round in ["living", "in the trash too"] {
        let mut refused = 0;
        while refused == 0 {
            let create =
                || json!({"operation": "create", "task": {"title": "t", "description": text()}});
            let batch: Value = (0..100).map(|_| create()).collect();
            let keyed =
                Request::batch("ann", false, &batch).header("idempotency-key", &text()[..40]);
            let results = api.send(keyed).await.expect(200);
            let results = results["results"].as_array().unwrap().iter();
            refused = results.filter(|result| result["status"] == 409).count();
        }
        stored.push((round, megabytes(&api).await));
        let list = api.send(Request::list("ann")).await.expect(200);
        for task in list.as_array().unwrap() {
            let delete = Request::delete("ann", task["id"].as_str().unwrap());
            api.send(delete).await.expect(204);
        }
    }
    for (round, megabytes) in stored {
        println!(
            "| cost: the most that a user at the quota stores, {round} | | {megabytes:.1} MB | |"
        );
        assert!(megabytes < 50.0, "{megabytes}");
    }
}

/// What all tables and their indexes take up.
async fn megabytes(api: &Handlers) -> f64 {
    let client = api.database().superuser().await;
    client.batch_execute("vacuum full").await.unwrap();
    let size = "select sum(pg_total_relation_size(oid))::float8 from pg_class
                where relkind = 'r' and relnamespace = 'public'::regnamespace";
    client.query_one(size, &[]).await.unwrap().get::<_, f64>(0) / 1e6
}
