//! Many environments at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::cases::USER;
use crate::database::{BenchDatabase, backends, task_id};
use crate::error::BenchError;
use crate::events::Events;
use crate::figures::{number, percentile, written};
use crate::functions::Functions;
use crate::programs::Programs;
use crate::report::{Report, Table};

/// How long each number of environments is kept busy.
const TIME: Duration = Duration::from_secs(3);

/// Asks get-task from so many clients at once. It gets some more environments: a client asks again before the environment
/// that answered has come back for more.
pub(crate) async fn measure(
    programs: &Programs,
    database: &BenchDatabase,
    name: &str,
    environments: &[usize],
) -> Result<Report, BenchError> {
    let client = database.superuser(name).await?;
    let mut table = Table::new(
        "get-task in many environments",
        &[
            "clients",
            "environments",
            "requests a second",
            "p50 ms",
            "p99 ms",
            "connections",
        ],
    );
    for &count in environments {
        eprintln!("concurrency: {count}");
        // Connections of the environments before are not counted.
        while !backends(&client).await?.is_empty() {
            sleep(Duration::from_millis(10)).await;
        }
        let functions = Arc::new(Functions::start(programs, &database.url(name), &[]).await?);
        busy(&functions, programs, count, Duration::ZERO).await?;
        functions.take();
        let started = Instant::now();
        busy(&functions, programs, count, TIME).await?;
        let seconds = started.elapsed().as_secs_f64();
        let durations: Vec<_> = functions
            .take()
            .iter()
            .map(|report| report.duration)
            .collect();
        let rate = number(durations.len()) / seconds;
        let percentiles = [50.0, 99.0].map(|percent| written(percentile(&durations, percent)));
        let connections = backends(&client).await?.len().to_string();
        let environments = functions.processes("get-task").len();
        let labels = [count, environments].map(|count| count.to_string());
        table.row(
            labels
                .into_iter()
                .chain([written(rate)])
                .chain(percentiles)
                .chain([connections]),
        );
        functions.stop().await;
    }
    Ok(Report {
        name: "concurrency",
        plot: Some(table.plot("requests/s", 1, 2)),
        tables: vec![table],
    })
}

/// `count` clients that ask again as soon as they are answered, for a time, and at least once.
async fn busy(
    functions: &Arc<Functions>,
    programs: &Programs,
    count: usize,
    time: Duration,
) -> Result<(), BenchError> {
    let event = Events::of(&programs.root, USER)?
        .request("get-task")
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
                    return Ok::<_, BenchError>(());
                }
            }
        });
    }
    clients.join_all().await.into_iter().collect()
}
