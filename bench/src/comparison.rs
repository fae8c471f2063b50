//! This and what it replaces, side by side.

use std::path::Path;

use crate::cases::Case;
use crate::cold;
use crate::database::BenchDatabase;
use crate::error::BenchError;
use crate::fastapi::{Cost, Fastapi};
use crate::figures::{median, written};
use crate::programs::Programs;
use crate::report::{Report, Table};
use crate::warm::Warm;

/// What both can do.
const COMMON: [&str; 6] = [
    "get-task",
    "create-task",
    "update-task",
    "complete-task",
    "delete-task",
    "list-tasks, 1,000",
];

/// Measures FastAPI as often as the functions were measured warm, and both cold.
pub(crate) async fn measure(
    programs: &Programs,
    database: &BenchDatabase,
    directory: &Path,
    (runs, starts): (usize, usize),
    warm: &Warm,
) -> Result<Report, BenchError> {
    let fastapi = Fastapi::install(database, &programs.root, directory).await?;
    let mut table = Table::new(
        "FastAPI + SQLModel + psycopg2, against this",
        &[
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
        ],
    );
    for label in COMMON {
        eprintln!("fastapi: {label}");
        let (case, mut costs) = (Case::labelled(label)?, Vec::new());
        for _ in 0..runs {
            costs.push(fastapi.cost(&case).await?);
        }
        let Some(own) = warm.get(label) else { continue };
        let of = |figure: fn(&Cost) -> f64| median(&costs.iter().map(figure).collect::<Vec<_>>());
        let (latency, cpu, memory) = (
            of(|cost| cost.latency),
            of(|cost| cost.cpu),
            of(|cost| cost.memory),
        );
        let round_trips = costs.last().map_or(0, |cost| cost.round_trips);
        table.row([
            label.to_owned(),
            written(latency),
            written(own.latency()),
            written(latency / own.latency()),
            written(cpu),
            written(own.cpu()),
            written(cpu / own.cpu()),
            round_trips.to_string(),
            own.round_trips().to_string(),
            format!("{memory:.0}"),
            format!("{:.0}", own.memory()),
        ]);
    }
    let mut starts_table = Table::new(
        "A cold start of both, with the first answer",
        &["service", "ms", "times"],
    );
    let (theirs, ours) = (
        fastapi.cold(starts).await?,
        cold::near(programs, database, starts).await?,
    );
    starts_table.row([
        "FastAPI".to_owned(),
        written(theirs),
        written(theirs / ours),
    ]);
    starts_table.row(["this".to_owned(), written(ours), written(1.0)]);
    Ok(Report {
        name: "fastapi",
        plot: Some(table.plot("times", 1, 3)),
        tables: vec![table, starts_table],
    })
}
