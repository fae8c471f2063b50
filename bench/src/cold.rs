//! Cold starts: from the start of the process to its first answer, near to the database and far from it.

use std::path::Path;
use std::time::Duration;

use crate::cases::USER;
use crate::database::{Database, task_id};
use crate::error::BenchError;
use crate::events::Events;
use crate::figures::{median, number, written};
use crate::functions::{Functions, Invocation};
use crate::programs::{FLOOR, Programs};
use crate::proxy::Proxy;
use crate::report::{Report, Table};
use crate::targets::Targets;

/// How far the database is away, in milliseconds for a round trip.
const LATENCIES: [u64; 3] = [0, 1, 5];

/// A function, and the way to its database.
struct Start {
    label: String,
    function: &'static str,
    latency: Duration,
    has_tls: bool,
}

/// Median times of cold starts, in milliseconds.
struct Times {
    init: f64,
    first: f64,
    total: f64,
    round_trips: usize,
}

/// Measures so many cold starts of each kind.
pub(crate) async fn measure(
    programs: &Programs,
    database: &Database,
    name: &str,
    (starts, directory): (usize, &Path),
    targets: &mut Targets,
) -> Result<Report, BenchError> {
    let trusted = database.enable_tls(&programs.root, directory).await?;
    let trusted = trusted.to_string_lossy();
    let mut table = Table::new(
        "Cold starts of get-task",
        &["database", "total ms", "init ms", "first request ms", "round trips"],
    );
    let mut totals = Vec::new();
    for start in kinds() {
        eprintln!("cold: {}", start.label);
        let times = repeated(programs, database, name, &start, starts, &trusted).await?;
        let figures = [times.total, times.init, times.first].map(written);
        table.row([start.label].into_iter().chain(figures).chain([times.round_trips.to_string()]));
        totals.push(times);
    }
    if let [floor, near, .., far] = &totals[..] {
        targets.at_most("cold start at 0 ms, without TLS / the floor's", near.total / floor.total, 3.0);
        let secure = totals.get(1 + LATENCIES.len()).map_or(0.0, |times| times.total);
        targets.at_most("cold start at 0 ms, with TLS / the floor's", secure / floor.total, 3.0);
        targets.at_most(
            "round trips to the first answer, TLS and SCRAM included",
            number(far.round_trips),
            7.0,
        );
    }
    Ok(Report { name: "cold", plot: table.plot("ms", 1), tables: vec![table] })
}

/// A cold start near the database, without TLS: the median, in milliseconds.
pub(crate) async fn near(
    programs: &Programs,
    database: &Database,
    name: &str,
    starts: usize,
) -> Result<f64, BenchError> {
    let start = kinds().nth(1).ok_or_else(|| BenchError::Unexpected("no start".into()))?;
    Ok(repeated(programs, database, name, &start, starts, "").await?.total)
}

fn kinds() -> impl Iterator<Item = Start> {
    let floor =
        Start { label: "none (the floor)".into(), function: FLOOR, latency: Duration::ZERO, has_tls: false };
    let kinds = [false, true].into_iter().flat_map(|has_tls| {
        LATENCIES.into_iter().map(move |latency| Start {
            label: format!("{} {latency} ms away", if has_tls { "TLS," } else { "plain," }),
            function: "get-task",
            latency: Duration::from_millis(latency),
            has_tls,
        })
    });
    std::iter::once(floor).chain(kinds)
}

async fn repeated(
    programs: &Programs,
    database: &Database,
    name: &str,
    start: &Start,
    starts: usize,
    trusted: &str,
) -> Result<Times, BenchError> {
    let proxy = Proxy::start(database.port(), start.latency)?;
    let mut url = database.url_by(proxy.port, name);
    if start.has_tls {
        // Its certificate is for that name.
        url = url
            .replace("@127.0.0.1:", "@localhost:")
            .replace("sslmode=disable", "sslmode=require&hostaddr=127.0.0.1");
    }
    let events = Events::of(&programs.root, USER)?;
    let (mut init, mut first, mut total, mut round_trips) = (vec![], vec![], vec![], 0);
    for _ in 0..starts {
        let functions = Functions::start(programs, &url, &[("SSL_CERT_DIR", trusted)]).await?;
        proxy.take();
        functions.invoke(start.function, events.request("get-task").task(task_id(1)).bytes()).await?;
        // The proxy does not see the handshake of TCP, which is one more.
        round_trips = match proxy.take().round_trips {
            0 => 0,
            seen => seen + 1,
        };
        let Some(&Invocation { duration, init: Some(began) }) = functions.take().first() else {
            return Err(BenchError::Unexpected("no REPORT of a cold start".into()));
        };
        init.push(began);
        first.push(duration);
        total.push(began + duration);
        functions.stop().await;
    }
    Ok(Times { init: median(&init), first: median(&first), total: median(&total), round_trips })
}
