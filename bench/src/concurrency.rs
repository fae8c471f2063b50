//! Many environments at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;

use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::cases::USER;
use crate::database::{BenchDatabase, backends, task_id};
use crate::events::Sender;
use crate::figures::{number, percentile, written};
use crate::functions::Functions;
use crate::programs::Programs;
use crate::report::{BenchResults, Table};

const COLUMNS: [&str; 6] = [
    "clients",
    "environments",
    "requests a second",
    "p50 ms",
    "p99 ms",
    "connections",
];

/// How long the environments are kept busy.
const TIME: Duration = Duration::from_secs(3);

/// Asks get-task from as many clients as `counts` says. There are a few environments more: a client
/// asks again before the environment that answered has polled for more.
pub(crate) async fn measure(
    programs: &Programs,
    database: &BenchDatabase,
    name: &str,
    counts: &[usize],
) -> Result<BenchResults> {
    let client = database.superuser(name).await?;
    let mut table = Table::new("get-task in many environments", &COLUMNS);
    for &count in counts {
        eprintln!("concurrency: {count}");
        // Connections of the previous environments are not counted.
        while !backends(&client).await?.is_empty() {
            sleep(Duration::from_millis(10)).await;
        }
        let functions = Arc::new(Functions::start(programs, &database.url(name), &[]).await?);
        busy(&functions, count, Duration::ZERO).await?;
        let _ = functions.take();
        let started = Instant::now();
        busy(&functions, count, TIME).await?;
        let seconds = started.elapsed().as_secs_f64();
        let durations = functions.take_durations();
        let [p50, p99] = [50.0, 99.0].map(|percent| written(percentile(&durations, percent)));
        let environments = functions.processes("get-task").len().to_string();
        let rate = written(number(durations.len()) / seconds);
        let connections = backends(&client).await?.len().to_string();
        table.row([count.to_string(), environments, rate, p50, p99, connections]);
        functions.stop().await;
    }
    Ok(BenchResults::new(
        "concurrency",
        Some(table.plot("requests/s", 1, 2)),
        table,
    ))
}

/// Runs `count` clients that ask again as soon as they are answered, for `time`, and at least once.
async fn busy(functions: &Arc<Functions>, count: usize, time: Duration) -> Result<()> {
    let event = Sender::new(USER)?
        .request("get-task")?
        .task(task_id(1))
        .bytes();
    let mut clients = JoinSet::new();
    for _ in 0..count {
        let (functions, event) = (Arc::clone(functions), event.clone());
        clients.spawn(async move {
            let end = Instant::now() + time;
            loop {
                functions.invoke("get-task", event.clone()).await?;
                if Instant::now() >= end {
                    return anyhow::Ok(());
                }
            }
        });
    }
    clients.join_all().await.into_iter().collect()
}
