//! `cargo bench-api`: what requests cost, against the floor and the limit.
//!
//! The floor is a function that says hello; the limit, the same SQL with nothing around it. Both are measured in the
//! same run as the functions, so that their ratios hold on any machine.

mod cases;
mod cold;
mod comparison;
mod concurrency;
mod database;
mod error;
mod events;
mod fastapi;
mod figures;
mod functions;
mod limit;
mod plot;
mod process;
mod programs;
mod report;
mod scale;
mod targets;
mod tls;
mod warm;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};

use cases::DATABASE;
use database::BenchDatabase;
use error::BenchError;
use programs::Programs;
use report::Report;
use targets::Targets;

/// Measures what requests cost: builds the functions as they are deployed, starts a private PostgreSQL, and prints
/// tables. They are in target/bench too, as JSON and as plots.
#[derive(Parser)]
#[command(name = "cargo bench-api", bin_name = "cargo bench-api")]
struct Arguments {
    /// What to measure; everything unless parts are named
    #[arg(value_enum)]
    parts: Vec<Part>,
    /// How often requests to warm functions are measured: their figures are medians of the runs
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// How many cold starts of each kind
    #[arg(long, default_value_t = 15)]
    starts: usize,
    /// Also 10 million tasks (some 10 GB of memory or disk), and 256 environments
    #[arg(long)]
    long: bool,
    /// Also what this replaces: FastAPI, installed by pip (needs Python 3 and the network)
    #[arg(long)]
    fastapi: bool,
    /// Build nothing: measure the programs that are in this directory
    #[arg(long, value_name = "DIRECTORY")]
    programs: Option<PathBuf>,
}

#[derive(Clone, Copy, Eq, PartialEq, ValueEnum)]
enum Part {
    Sizes,
    Warm,
    Cold,
    Concurrency,
    Scale,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let result = runtime
        .map_err(BenchError::from)
        .and_then(|runtime| runtime.block_on(measure(&arguments)));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(arguments: &Arguments) -> Result<(), BenchError> {
    let programs = Programs::get(arguments.programs.as_deref())?;
    let directory = programs.root.join("target/bench");
    fs::create_dir_all(&directory)?;
    let database = BenchDatabase::start().await?;
    database.fill(DATABASE, 10_000).await?;
    println!(
        "{}, PostgreSQL {}",
        process::machine(),
        database.version().await?
    );

    let mut targets = Targets::new();
    let wanted = [
        Part::Sizes,
        Part::Warm,
        Part::Cold,
        Part::Concurrency,
        Part::Scale,
    ];
    for part in wanted
        .into_iter()
        .filter(|part| arguments.parts.is_empty() || arguments.parts.contains(part))
    {
        for report in measured(
            part,
            arguments,
            &programs,
            &database,
            &directory,
            &mut targets,
        )
        .await?
        {
            report.publish(&directory)?;
        }
    }
    if let Some(table) = targets.into_table() {
        Report {
            name: "targets",
            plot: None,
            tables: vec![table],
        }
        .publish(&directory)?;
    }
    Ok(())
}

async fn measured(
    part: Part,
    arguments: &Arguments,
    programs: &Programs,
    database: &BenchDatabase,
    directory: &Path,
    targets: &mut Targets,
) -> Result<Vec<Report>, BenchError> {
    let environments: &[usize] = if arguments.long {
        &[1, 16, 64, 256]
    } else {
        &[1, 16, 64]
    };
    let sizes: &[i64] = if arguments.long {
        &[10_000, 1_000_000, 10_000_000]
    } else {
        &[10_000, 1_000_000]
    };
    let report = match part {
        Part::Sizes => programs.sizes(targets),
        Part::Warm => {
            let all = warm::measure(programs, database, DATABASE, arguments.runs).await?;
            let mut reports = vec![warm::report(&all, targets)];
            if arguments.fastapi {
                let repeated = (arguments.runs, arguments.starts);
                reports.push(
                    comparison::measure(programs, database, directory, repeated, &all).await?,
                );
            }
            return Ok(reports);
        }
        Part::Cold => cold::measure(programs, database, arguments.starts, targets).await,
        Part::Concurrency => concurrency::measure(programs, database, DATABASE, environments).await,
        Part::Scale => scale::measure(programs, database, sizes, arguments.runs, targets).await,
    };
    Ok(vec![report?])
}
