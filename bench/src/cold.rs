//! Cold starts: from the start of the process to its first answer, near the database and far from
//! it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, anyhow};

use testbed::proxy::Proxy;

use crate::cases::{DATABASE, USER};
use crate::database::{BenchDatabase, task_id};
use crate::events::Sender;
use crate::figures::{median, number, written};
use crate::functions::{Functions, ReportedTimes};
use crate::programs::{FLOOR, Programs};
use crate::report::{BenchResults, Table};
use crate::targets::Targets;
use crate::{limit, tls};

/// The name that the tests' authority must have in a directory of authorities, so that OpenSSL
/// finds it: `openssl x509 -noout -hash -in tests/keys/tls/authority.pem`.
const AUTHORITY: &str = "f68239db.0";

/// A kind of cold start: the function, and the way to its database.
#[derive(Clone, Copy)]
struct Start {
    label: &'static str,
    function: &'static str,
    /// The time of a round trip, in milliseconds.
    latency: u64,
    /// The URL's parameters about TLS.
    parameters: &'static str,
    /// The file of the only trusted authority, if the system's are not trusted.
    trusted: Option<&'static str>,
}

const PLAIN: &str = "sslmode=disable";
const TLS: &str = "sslmode=require";
const DIRECT_TLS: &str = "sslmode=require&sslnegotiation=direct";

const FLOOR_START: Start = Start {
    label: "none (the floor)",
    function: FLOOR,
    latency: 0,
    parameters: PLAIN,
    trusted: None,
};
const NEAR: Start = start("plain, 0 ms away", 0, PLAIN);
const NEAR_TLS: Start = start("TLS, 0 ms away", 0, TLS);
const FAR_TLS: Start = start("TLS, 5 ms away", 5, TLS);
const FAR_DIRECT_TLS: Start = start("direct TLS, 5 ms away", 5, DIRECT_TLS);
const ONE_ROOT: Start = Start {
    label: "TLS, 0 ms away, one authority trusted",
    trusted: Some("tests/keys/tls/authority.pem"),
    ..NEAR_TLS
};

const STARTS: [Start; 9] = [
    FLOOR_START,
    NEAR,
    start("plain, 1 ms away", 1, PLAIN),
    start("plain, 5 ms away", 5, PLAIN),
    NEAR_TLS,
    ONE_ROOT,
    start("TLS, 1 ms away", 1, TLS),
    FAR_TLS,
    FAR_DIRECT_TLS,
];

const fn start(label: &'static str, latency: u64, parameters: &'static str) -> Start {
    Start {
        label,
        function: "get-task",
        latency,
        parameters,
        trusted: None,
    }
}

/// Median times of cold starts, in milliseconds.
struct Times {
    init: f64,
    first: f64,
    total: f64,
    round_trips: usize,
}

/// Measures `starts` cold starts of each kind.
pub(crate) async fn measure(
    programs: &Programs,
    database: &BenchDatabase,
    starts: usize,
    targets: &mut Targets,
) -> Result<BenchResults> {
    let columns = [
        "database",
        "total ms",
        "init ms",
        "first request ms",
        "round trips",
    ];
    let mut table = Table::new("Cold starts of get-task", &columns);
    let mut all = BTreeMap::new();
    for start in STARTS {
        eprintln!("cold: {}", start.label);
        let times = repeated(programs, database, start, starts).await?;
        let figures = [times.total, times.init, times.first].map(written);
        let label = [start.label.to_owned()];
        table.row(
            label
                .into_iter()
                .chain(figures)
                .chain([times.round_trips.to_string()]),
        );
        all.insert(start.label, times);
    }
    let connecting = limit::cold(database.url(DATABASE).parse()?, USER.to_owned(), starts)?;
    table.row([
        "the limit: connecting, and the statement".into(),
        written(connecting),
    ]);
    compare(&all, targets);
    Ok(BenchResults::new(
        "cold",
        Some(table.plot("ms", 1, 1)),
        table,
    ))
}

fn compare(all: &BTreeMap<&'static str, Times>, targets: &mut Targets) {
    let starts = [FLOOR_START, NEAR, NEAR_TLS, FAR_TLS, FAR_DIRECT_TLS];
    let [
        Some(floor),
        Some(near),
        Some(near_tls),
        Some(far),
        Some(direct),
    ] = starts.map(|start| all.get(start.label))
    else {
        return;
    };
    let ratios = [
        ("cold start at 0 ms, without TLS / the floor's", near),
        ("cold start at 0 ms, with TLS / the floor's", near_tls),
    ];
    for (figure, times) in ratios {
        targets.at_most(figure, times.total / floor.total, 3.0);
    }
    let far = number(far.round_trips);
    targets.at_most(
        "round trips to the first answer, TLS and SCRAM included",
        far,
        7.0,
    );
    let direct = number(direct.round_trips);
    targets.at_most("the same with direct TLS negotiation", direct, 6.0);
}

/// A cold start near the database, without TLS: the median, in milliseconds.
pub(crate) async fn near(
    programs: &Programs,
    database: &BenchDatabase,
    starts: usize,
) -> Result<f64> {
    Ok(repeated(programs, database, NEAR, starts).await?.total)
}

/// Measures `starts` cold starts of one kind.
async fn repeated(
    programs: &Programs,
    database: &BenchDatabase,
    start: Start,
    starts: usize,
) -> Result<Times> {
    let port = match start.parameters {
        PLAIN => database.port(),
        _ => tls::start(&programs.root, database.port()).await?,
    };
    let proxy = Proxy::start(port).await?;
    proxy.set_latency(Duration::from_millis(start.latency));
    let url = proxy.through(&database.url(DATABASE));
    // The certificate is for that name.
    let url = url.replace("@127.0.0.1:", "@localhost:");
    let url = url.replace(PLAIN, &format!("{}&hostaddr=127.0.0.1", start.parameters));
    let trusted = trusted(programs, start)?;
    let variables = [(trusted.0, trusted.1.as_str())];
    let (mut init, mut first, mut total, mut round_trips) = (vec![], vec![], vec![], usize::MAX);
    for _ in 0..starts {
        let functions = Functions::start(programs, &url, &variables).await?;
        let (report, seen) = once(&functions, start.function, &proxy).await?;
        let began = report.init.unwrap_or_default();
        init.push(began);
        first.push(report.duration);
        total.push(began + report.duration);
        // The fewest: whether the client waited for what the server sent, such as TLS tickets, is
        // invisible.
        round_trips = round_trips.min(seen);
        functions.stop().await;
    }
    let [init, first, total] = [init, first, total].map(|times| median(&times));
    Ok(Times {
        init,
        first,
        total,
        round_trips,
    })
}

/// One cold start: its report, and how many round trips it took. TCP's handshake is one, and
/// invisible too.
async fn once(
    functions: &Functions,
    function: &str,
    proxy: &Proxy,
) -> Result<(ReportedTimes, usize)> {
    let event = Sender::new(USER)?
        .request("get-task")?
        .task(task_id(1))
        .bytes();
    let _ = proxy.take();
    functions.invoke(function, event).await?;
    let seen = proxy.take().round_trips;
    match functions.take().first() {
        Some(&report) if report.init.is_some() => {
            Ok((report, if seen == 0 { 0 } else { seen + 1 }))
        }
        _ => Err(anyhow!("a cold start has no REPORT line")),
    }
}

/// The variable that says whom to trust: only the tests' authority, or the system's as well.
fn trusted(programs: &Programs, start: Start) -> Result<(&'static str, String)> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    if let Some(file) = start.trusted {
        return Ok(("SSL_CERT_FILE", text(&programs.root.join(file))));
    }
    let directory = programs.root.join("target/bench/trusted");
    fs::create_dir_all(&directory)?;
    let authority = programs.root.join("tests/keys/tls/authority.pem");
    fs::copy(authority, directory.join(AUTHORITY))?;
    Ok(("SSL_CERT_DIR", text(&directory)))
}
