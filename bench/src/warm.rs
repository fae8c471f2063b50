//! Warm requests, one after the other, to every operation and to the yardsticks.

use std::collections::BTreeMap;

use testbed::proxy::{Proxy, Traffic};
use tokio_postgres::Client;

use crate::cases::{CASES, Case, DELETED, USER, WARM_UP};
use crate::database::{BenchDatabase, backends, task_id};
use crate::error::BenchError;
use crate::events::Sender;
use crate::figures::{median, milliseconds, number, percentile, written};
use crate::functions::Functions;
use crate::limit;
use crate::process::{peak_megabytes, total_cpu_nanoseconds};
use crate::programs::Programs;
use crate::report::{Results, Table};
use crate::targets::Targets;

/// The figures of each case, by its label.
pub(crate) type Warm = BTreeMap<&'static str, Series>;

/// The figures of one case; one value for each run.
#[derive(Default)]
pub(crate) struct Series {
    latency: [Vec<f64>; 4],
    cpu: Vec<f64>,
    postgres_cpu: Vec<f64>,
    limit: Vec<f64>,
    limit_cpu: Vec<f64>,
    memory: f64,
    traffic: Traffic,
}

const PERCENTS: [f64; 4] = [50.0, 90.0, 99.0, 99.9];

/// What a run needs.
struct Bench<'a> {
    database: &'a BenchDatabase,
    name: &'a str,
    functions: &'a Functions,
    client: &'a Client,
}

/// Measures everything `runs` times.
pub(crate) async fn measure(
    programs: &Programs,
    database: &BenchDatabase,
    name: &str,
    runs: usize,
) -> Result<Warm, BenchError> {
    let client = database.superuser(name).await?;
    let functions = Functions::start(programs, &database.url(name), &[]).await?;
    let bench = Bench {
        database,
        name,
        functions: &functions,
        client: &client,
    };
    let mut all = Warm::new();
    for run in 0..runs {
        eprintln!("warm: run {} of {runs}", run + 1);
        for case in CASES.iter().filter(|case| programs.have(case.function)) {
            bench.run(case, all.entry(case.label).or_default()).await?;
        }
    }
    functions.stop().await;
    traffic(programs, &bench, &mut all).await?;
    Ok(all)
}

impl Series {
    /// The median latency, in milliseconds.
    pub(crate) fn latency(&self) -> f64 {
        median(&self.latency[0])
    }

    /// The function's CPU time for one request, in milliseconds.
    pub(crate) fn cpu(&self) -> f64 {
        median(&self.cpu)
    }

    /// Round trips to the database for one request.
    pub(crate) fn round_trips(&self) -> usize {
        self.traffic.round_trips
    }

    /// The most memory that the function has used at once, in MB.
    pub(crate) fn memory(&self) -> f64 {
        self.memory
    }
}

impl Bench<'_> {
    async fn run(&self, case: &Case, series: &mut Series) -> Result<(), BenchError> {
        self.prepare(case.deleted(WARM_UP + case.requests)).await?;
        let sender = Sender::new(case.user())?;
        let mut events = Vec::new();
        for n in 0..WARM_UP + case.requests {
            events.push(case.event(&sender, n)?);
        }
        let measured = events.split_off(WARM_UP);
        for event in events {
            self.functions.invoke(case.function, event).await?;
        }
        let processes = self.functions.processes(case.function);
        let backends = backends(self.client).await?;
        let _ = self.functions.take();
        let cpu = || [&processes, &backends].map(|pids| total_cpu_nanoseconds(pids));
        let before = cpu();
        for event in measured {
            self.functions.invoke(case.function, event).await?;
        }
        let after = cpu();
        let [function, postgres] =
            [0, 1].map(|index| milliseconds(after[index] - before[index]) / number(case.requests));
        series.cpu.push(function);
        series.postgres_cpu.push(postgres);
        let durations: Vec<_> = self
            .functions
            .take()
            .iter()
            .map(|report| report.duration)
            .collect();
        for (percent, values) in PERCENTS.iter().zip(&mut series.latency) {
            values.push(percentile(&durations, *percent));
        }
        if series.cpu.len() == 1 {
            series.memory = processes
                .iter()
                .map(|&pid| peak_megabytes(pid))
                .fold(0.0, f64::max);
        }
        self.limit(case, series).await
    }

    async fn limit(&self, case: &Case, series: &mut Series) -> Result<(), BenchError> {
        self.prepare(case.deleted(case.requests)).await?;
        let work = (0..case.requests)
            .map(|n| case.statements(n))
            .collect::<Result<Vec<_>, _>>()?;
        if work.first().is_none_or(Vec::is_empty) {
            return Ok(());
        }
        let config = self.database.url(self.name).parse()?;
        let limit = limit::run(config, USER.to_owned(), work)?;
        series.limit.push(median(&limit.latencies));
        series.limit_cpu.push(limit.cpu);
        Ok(())
    }

    /// Gives the user the 1,000 tasks as they were at first, and `others` to delete.
    async fn prepare(&self, others: usize) -> Result<(), BenchError> {
        let (first, end) = (task_id(DELETED), DELETED + others);
        // One at a time: `vacuum` does not run within a transaction.
        for statement in [
            format!("delete from tasks where user_id = '{USER}' and id >= '{first}'"),
            format!(
                "update tasks set title = 'As before' where user_id = '{USER}' and title like 'Changed%'"
            ),
            format!(
                "insert into tasks (id, user_id, title)
                 select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, '{USER}', 'Go'
                 from generate_series({DELETED}, {end} - 1) n"
            ),
            "vacuum analyze tasks".to_owned(),
        ] {
            self.client.batch_execute(&statement).await?;
        }
        Ok(())
    }
}

/// Counts round trips and bytes, which do not vary from run to run.
async fn traffic(programs: &Programs, bench: &Bench<'_>, all: &mut Warm) -> Result<(), BenchError> {
    let proxy = Proxy::start(bench.database.port()).await?;
    let url = proxy.through(&bench.database.url(bench.name));
    let functions = Functions::start(programs, &url, &[]).await?;
    bench.prepare(2).await?;
    for case in CASES.iter().filter(|case| programs.have(case.function)) {
        let sender = Sender::new(case.user())?;
        functions
            .invoke(case.function, case.event(&sender, 0)?)
            .await?;
        let _ = proxy.take();
        functions
            .invoke(case.function, case.event(&sender, 1)?)
            .await?;
        all.entry(case.label).or_default().traffic = proxy.take();
    }
    functions.stop().await;
    Ok(())
}

const COLUMNS: [&str; 13] = [
    "operation",
    "p50 ms",
    "p90 ms",
    "p99 ms",
    "p99.9 ms",
    "limit p50 ms",
    "CPU ms",
    "limit CPU ms",
    "PostgreSQL CPU ms",
    "round trips",
    "bytes to",
    "bytes from",
    "peak MB",
];

impl Series {
    /// The cells after the label.
    fn cells(&self) -> impl Iterator<Item = String> {
        let optional = |values: &[f64]| {
            if values.is_empty() {
                "-".into()
            } else {
                written(median(values))
            }
        };
        let latencies = self
            .latency
            .each_ref()
            .map(|values| written(median(values)));
        let cpu = [&self.limit, &self.cpu, &self.limit_cpu, &self.postgres_cpu]
            .map(|values| optional(values));
        let Traffic {
            round_trips,
            bytes_sent,
            bytes_received,
            ..
        } = self.traffic;
        let traffic = [round_trips, bytes_sent, bytes_received].map(|count| count.to_string());
        let memory = [format!("{:.1}", self.memory)];
        latencies
            .into_iter()
            .chain(cpu)
            .chain(traffic)
            .chain(memory)
    }
}

/// The table, and the comparison with the targets.
pub(crate) fn report(all: &Warm, targets: &mut Targets) -> Results {
    let mut table = Table::new("Warm requests", &COLUMNS);
    for case in &CASES {
        if let Some(series) = all.get(case.label) {
            table.row([case.label.to_owned()].into_iter().chain(series.cells()));
        }
    }
    compare(all, targets);
    Results {
        name: "warm",
        plot: Some(table.plot("ms", 1, 1)),
        tables: vec![table],
    }
}

fn compare(all: &Warm, targets: &mut Targets) {
    let [Some(floor), Some(get), Some(list)] =
        ["floor (hello world)", "get-task", "list-tasks, 1,000"].map(|label| all.get(label))
    else {
        return;
    };
    let round_trips = all
        .values()
        .map(|series| series.traffic.round_trips)
        .max()
        .unwrap_or_default();
    targets.at_most(
        "round trips of a warm request, at most",
        number(round_trips),
        1.0,
    );
    let above = get.latency() - floor.latency();
    targets.at_most(
        "warm get-task above the floor / the limit",
        above / median(&get.limit),
        1.5,
    );
    targets.at_most("CPU of a warm get-task, ms", get.cpu(), 0.25);
    targets.at_most(
        "CPU of a warm get-task / the floor's",
        get.cpu() / floor.cpu(),
        2.0,
    );
    targets.at_most("peak memory, list of 1,000 tasks, MB", list.memory, 30.0);
}
