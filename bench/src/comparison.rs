//! This service and the one that it replaces, side by side.

use std::path::Path;

use anyhow::Result;

use crate::cases::Case;
use crate::cold;
use crate::database::BenchDatabase;
use crate::fastapi::{Cost, Fastapi};
use crate::figures::{median, written};
use crate::programs::Programs;
use crate::report::{BenchResults, Table};
use crate::warm::{CaseFigures, Warm};

/// The operations that both have.
const COMMON: [&str; 6] = [
    "get-task",
    "create-task",
    "update-task",
    "complete-task",
    "delete-task",
    "list-tasks, 1,000",
];

const COLUMNS: [&str; 11] = [
    "operation",
    "p50 ms",
    "this p50 ms",
    "times as fast",
    "CPU ms",
    "this CPU ms",
    "times the CPU",
    "round trips",
    "this round trips",
    "MB",
    "this MB",
];

/// Measures FastAPI as often as the functions were measured warm, and both of them cold.
pub(crate) async fn measure(
    programs: &Programs,
    database: &BenchDatabase,
    directory: &Path,
    (runs, starts): (usize, usize),
    warm: &Warm,
) -> Result<BenchResults> {
    let fastapi = Fastapi::install(database, &programs.root, directory).await?;
    let mut table = Table::new("FastAPI + SQLModel + psycopg2, against this", &COLUMNS);
    for label in COMMON {
        eprintln!("fastapi: {label}");
        let (case, mut costs) = (Case::labelled(label)?, Vec::new());
        for _ in 0..runs {
            costs.push(fastapi.cost(&case).await?);
        }
        if let Some(own) = warm.get(label) {
            table.row([label.to_owned()].into_iter().chain(cells(&costs, own)));
        }
    }
    let mut cold = Table::new(
        "A cold start of both, with the first answer",
        &["service", "ms", "times"],
    );
    let (theirs, ours) = (
        fastapi.cold(starts).await?,
        cold::near(programs, database, starts).await?,
    );
    cold.row([
        "FastAPI".to_owned(),
        written(theirs),
        written(theirs / ours),
    ]);
    cold.row(["this".to_owned(), written(ours), written(1.0)]);
    Ok(BenchResults {
        name: "fastapi",
        plot: Some(table.plot("times", 1, 3)),
        tables: vec![table, cold],
    })
}

fn cells(costs: &[Cost], own: &CaseFigures) -> [String; 10] {
    let of = |figure: fn(&Cost) -> f64| median(&costs.iter().map(figure).collect::<Vec<_>>());
    let (latency, cpu) = (of(|cost| cost.latency), of(|cost| cost.cpu));
    let round_trips = costs.last().map_or(0, |cost| cost.round_trips);
    [
        written(latency),
        written(own.latency()),
        written(latency / own.latency()),
        written(cpu),
        written(own.cpu()),
        written(cpu / own.cpu()),
        round_trips.to_string(),
        own.round_trips().to_string(),
        format!("{:.0}", of(|cost| cost.memory)),
        format!("{:.0}", own.memory()),
    ]
}
