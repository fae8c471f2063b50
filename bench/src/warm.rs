//! Warm requests, one after the other, to every operation and to the yardsticks.

mod series;

use std::collections::BTreeMap;

use anyhow::Result;

use series::PERCENTS;
pub(crate) use series::{CaseFigures, report};
use testbed::proxy::Proxy;
use tokio_postgres::Client;

use crate::cases::{CASES, Case, DELETED, USER, WARM_UP};
use crate::database::{BenchDatabase, backends, task_id};
use crate::events::Sender;
use crate::figures::{median, milliseconds, number, percentile};
use crate::functions::Functions;
use crate::limit;
use crate::process::{peak_megabytes, total_cpu_nanoseconds};
use crate::programs::Programs;

/// The figures of each case, by its label.
pub(crate) type Warm = BTreeMap<&'static str, CaseFigures>;

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
) -> Result<Warm> {
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

impl Bench<'_> {
    async fn run(&self, case: &Case, series: &mut CaseFigures) -> Result<()> {
        self.prepare(case, WARM_UP + case.requests).await?;
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
        let durations = self.functions.take_durations();
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

    async fn limit(&self, case: &Case, series: &mut CaseFigures) -> Result<()> {
        self.prepare(case, case.requests).await?;
        let work = (0..case.requests)
            .map(|n| case.statements(n))
            .collect::<Result<Vec<_>, _>>()?;
        if work.first().is_none_or(Vec::is_empty) {
            return Ok(());
        }
        let config = self.database.url(self.name).parse()?;
        let limit = limit::run(config, USER.to_owned(), case.access(), work)?;
        series.limit.push(median(&limit.latencies));
        series.limit_cpu.push(limit.cpu);
        Ok(())
    }

    /// Gives the user the 1,000 tasks as they were at first, and those that `requests` requests
    /// delete or take out of the trash.
    async fn prepare(&self, case: &Case, requests: usize) -> Result<()> {
        let (first, end) = (task_id(DELETED), DELETED + case.deleted(requests));
        let trashed = if case.is_about_trash() {
            "true"
        } else {
            "false"
        };
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
            format!("delete from tasks where {trashed} and user_id = '{USER}' and id >= '{first}'"),
            "vacuum analyze tasks".to_owned(),
        ] {
            self.client.batch_execute(&statement).await?;
        }
        Ok(())
    }
}

/// Counts round trips and bytes, which do not vary from run to run.
async fn traffic(programs: &Programs, bench: &Bench<'_>, all: &mut Warm) -> Result<()> {
    let proxy = Proxy::start(bench.database.port()).await?;
    let url = proxy.through(&bench.database.url(bench.name));
    let functions = Functions::start(programs, &url, &[]).await?;
    for case in CASES.iter().filter(|case| programs.have(case.function)) {
        bench.prepare(case, 2).await?;
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
