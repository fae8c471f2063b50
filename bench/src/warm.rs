//! Warm requests, one after the other, of every operation and of the yardsticks.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio_postgres::Client;

use crate::cases::{CASES, Case, DELETED, USER, WARM_UP};
use crate::database::{BenchDatabase, backends, task_id};
use crate::error::BenchError;
use crate::events::Events;
use crate::figures::{median, milliseconds, number, percentile, written};
use crate::functions::Functions;
use crate::limit;
use crate::process::{cpu_nanoseconds, peak_megabytes};
use crate::programs::Programs;
use crate::report::{Report, Table};
use crate::targets::Targets;

/// Of which user nothing is stored, so that erasing it can be asked again and again.
const NOBODY: &str = "nobody";

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
    user: Events,
    nobody: Events,
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
    let (user, nobody) = (
        Events::of(&programs.root, USER)?,
        Events::of(&programs.root, NOBODY)?,
    );
    let bench = Bench {
        database,
        name,
        functions: &functions,
        client: &client,
        user,
        nobody,
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

    /// To the database and back.
    pub(crate) fn round_trips(&self) -> usize {
        self.traffic.round_trips
    }

    /// The most memory that the function has had, in MB.
    pub(crate) fn memory(&self) -> f64 {
        self.memory
    }
}

impl Bench<'_> {
    fn events(&self, case: &Case) -> &Events {
        if case.function == "erase-user" {
            &self.nobody
        } else {
            &self.user
        }
    }

    async fn run(&self, case: &Case, series: &mut Series) -> Result<(), BenchError> {
        self.prepare(case.deleted(WARM_UP + case.requests)).await?;
        let mut events = (0..WARM_UP + case.requests).map(|n| case.event(self.events(case), n));
        for event in events.by_ref().take(WARM_UP) {
            self.functions.invoke(case.function, event).await?;
        }
        let events: Vec<_> = events.collect();
        let (processes, backends) = (
            self.functions.processes(case.function),
            backends(self.client).await?,
        );
        self.functions.take();
        let cpu = || {
            (
                processes
                    .iter()
                    .map(|&pid| cpu_nanoseconds(pid))
                    .sum::<u64>(),
                total_cpu_nanoseconds(&backends),
            )
        };
        let before = cpu();
        for event in events {
            self.functions.invoke(case.function, event).await?;
        }
        let after = cpu();
        let durations: Vec<_> = self
            .functions
            .take()
            .iter()
            .map(|report| report.duration)
            .collect();
        for (percent, values) in PERCENTS.iter().zip(&mut series.latency) {
            values.push(percentile(&durations, *percent));
        }
        series
            .cpu
            .push(milliseconds(after.0 - before.0) / number(case.requests));
        series
            .postgres_cpu
            .push(milliseconds(after.1 - before.1) / number(case.requests));
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

    /// The user has the 1,000 tasks as at first, and others to be deleted.
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

/// Round trips and bytes, which are no matter of time.
async fn traffic(programs: &Programs, bench: &Bench<'_>, all: &mut Warm) -> Result<(), BenchError> {
    let proxy = Proxy::start(bench.database.port(), Duration::ZERO)?;
    let functions = Functions::start(
        programs,
        &bench.database.url_by(proxy.port, bench.name),
        &[],
    )
    .await?;
    bench.prepare(2).await?;
    for case in CASES.iter().filter(|case| programs.have(case.function)) {
        let events = bench.events(case);
        functions
            .invoke(case.function, case.event(events, 0))
            .await?;
        proxy.take();
        functions
            .invoke(case.function, case.event(events, 1))
            .await?;
        all.entry(case.label).or_default().traffic = proxy.take();
    }
    functions.stop().await;
    Ok(())
}

/// The table of all, and what was promised of them.
pub(crate) fn report(all: &Warm, targets: &mut Targets) -> Report {
    let columns = [
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
    let mut table = Table::new("Warm requests", &columns);
    for case in &CASES {
        let Some(series) = all.get(case.label) else {
            continue;
        };
        let optional = |values: &[f64]| {
            if values.is_empty() {
                "-".into()
            } else {
                written(median(values))
            }
        };
        let latencies = series.latency.iter().map(|values| written(median(values)));
        let cpu = [
            optional(&series.limit),
            optional(&series.cpu),
            optional(&series.limit_cpu),
            optional(&series.postgres_cpu),
        ];
        let traffic = [
            series.traffic.round_trips,
            series.traffic.bytes_sent,
            series.traffic.bytes_received,
        ];
        let traffic = traffic.map(|count| count.to_string());
        let label = [case.label.to_owned()];
        let memory = [format!("{:.1}", series.memory)];
        table.row(
            label
                .into_iter()
                .chain(latencies)
                .chain(cpu)
                .chain(traffic)
                .chain(memory),
        );
    }
    if let [Some(floor), Some(get), Some(list)] =
        ["floor (hello world)", "get-task", "list-tasks, 1,000"].map(|label| all.get(label))
    {
        let most = all
            .values()
            .map(|series| series.traffic.round_trips)
            .max()
            .unwrap_or_default();
        targets.at_most("round trips of a warm request, at most", number(most), 1.0);
        let above = median(&get.latency[0]) - median(&floor.latency[0]);
        targets.at_most(
            "warm get-task above the floor / the limit",
            above / median(&get.limit),
            1.5,
        );
        targets.at_most("CPU of a warm get-task, ms", median(&get.cpu), 0.25);
        targets.at_most(
            "CPU of a warm get-task / the floor's",
            median(&get.cpu) / median(&floor.cpu),
            2.0,
        );
        targets.at_most("peak memory, list of 1,000 tasks, MB", list.memory, 30.0);
    }
    Report {
        name: "warm",
        plot: Some(table.plot("ms", 1, 1)),
        tables: vec![table],
    }
}
