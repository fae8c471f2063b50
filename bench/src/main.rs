//! `cargo bench-api`: what requests cost, against the floor and the limit.
//!
//! The floor is a function that only says hello. The limit is the same SQL without a function. Both
//! are measured in the same run as the functions, so that the ratios hold on any machine.

mod cases;
mod cold;
mod comparison;
mod concurrency;
mod database;
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
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;

use clap::{Parser, ValueEnum};

use cases::DATABASE;
use database::BenchDatabase;
use programs::Programs;
use report::BenchResults;
use targets::Targets;

/// Measures what requests cost. Builds the functions as they are deployed, starts a private
/// PostgreSQL, and prints tables. target/bench has them as JSON and as plots too.
#[derive(Parser)]
#[command(name = "cargo bench-api", bin_name = "cargo bench-api")]
struct BenchArguments {
    /// The parts to measure [default: all]
    #[arg(value_enum)]
    parts: Vec<Part>,
    /// The number of runs with warm functions; figures are medians of the runs
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// The number of cold starts of each kind
    #[arg(long, default_value_t = 15)]
    starts: usize,
    /// Also measure 10 million tasks (about 10 GB of memory or disk) and 256 environments
    #[arg(long)]
    long: bool,
    /// Also measure the FastAPI service that this replaces (needs Python 3 and the network)
    #[arg(long)]
    fastapi: bool,
    /// Build nothing, and measure the programs in this directory
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
    let arguments = BenchArguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let result = runtime
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(measure(&arguments)));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What the parts of a measurement share.
struct Measurement<'a> {
    arguments: &'a BenchArguments,
    programs: Programs,
    database: BenchDatabase,
    directory: PathBuf,
}

async fn measure(arguments: &BenchArguments) -> Result<()> {
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

    let measurement = Measurement {
        arguments,
        programs,
        database,
        directory,
    };
    let mut targets = Targets::new();
    for &part in Part::value_variants() {
        if arguments.parts.is_empty() || arguments.parts.contains(&part) {
            for results in measurement.measure(part, &mut targets).await? {
                results.publish(&measurement.directory)?;
            }
        }
    }
    if let Some(table) = targets.into_table() {
        let results = BenchResults::new("targets", None, table);
        results.publish(&measurement.directory)?;
    }
    Ok(())
}

impl Measurement<'_> {
    async fn measure(&self, part: Part, targets: &mut Targets) -> Result<Vec<BenchResults>> {
        let Self {
            arguments,
            programs,
            database,
            ..
        } = self;
        let results = match part {
            Part::Sizes => programs.sizes(targets),
            Part::Warm => return self.warm(targets).await,
            Part::Cold => cold::measure(programs, database, arguments.starts, targets).await,
            Part::Concurrency => {
                let counts = if arguments.long {
                    &[1, 16, 64, 256][..]
                } else {
                    &[1, 16, 64]
                };
                concurrency::measure(programs, database, DATABASE, counts).await
            }
            Part::Scale => {
                let all = [10_000, 1_000_000, 10_000_000];
                let sizes = if arguments.long { &all[..] } else { &all[..2] };
                scale::measure(programs, database, sizes, arguments.runs, targets).await
            }
        };
        Ok(vec![results?])
    }

    async fn warm(&self, targets: &mut Targets) -> Result<Vec<BenchResults>> {
        let Self {
            arguments,
            programs,
            database,
            directory,
        } = self;
        let warm = warm::measure(programs, database, DATABASE, arguments.runs).await?;
        let mut results = vec![warm::report(&warm, targets)];
        if arguments.fastapi {
            let repeated = (arguments.runs, arguments.starts);
            results
                .push(comparison::measure(programs, database, directory, repeated, &warm).await?);
        }
        Ok(results)
    }
}
