//! Cold starts: from the start of the process to its first answer, near to the database and far from it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::cases::{DATABASE, USER};
use crate::database::{Database, task_id};
use crate::error::BenchError;
use crate::events::Events;
use crate::figures::{median, number, written};
use crate::functions::{Functions, Invocation};
use crate::programs::{FLOOR, Programs};
use crate::proxy::Proxy;
use crate::report::{Report, Table};
use crate::targets::Targets;
use crate::{limit, tls};

/// How the authority of the tests is called in a directory that OpenSSL looks into:
/// `openssl x509 -noout -hash -in tests/keys/tls/authority.pem`.
const AUTHORITY: &str = "f68239db.0";

/// A function, and the way to its database.
#[derive(Clone, Copy)]
struct Start {
    label: &'static str,
    function: &'static str,
    /// There and back, in milliseconds.
    latency: u64,
    /// What the address says of TLS.
    parameters: &'static str,
    /// The file of the trusted authorities, if not the system's.
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

/// Measures so many cold starts of each kind.
pub(crate) async fn measure(
    programs: &Programs,
    database: &Database,
    starts: usize,
    targets: &mut Targets,
) -> Result<Report, BenchError> {
    let mut table = Table::new(
        "Cold starts of get-task",
        &[
            "database",
            "total ms",
            "init ms",
            "first request ms",
            "round trips",
        ],
    );
    let mut all = Vec::new();
    for start in STARTS {
        eprintln!("cold: {}", start.label);
        let times = repeated(programs, database, start, starts).await?;
        let figures = [times.total, times.init, times.first].map(written);
        table.row(
            [start.label.to_owned()]
                .into_iter()
                .chain(figures)
                .chain([times.round_trips.to_string()]),
        );
        all.push((start.label, times));
    }
    let connecting = limit::cold(database.url(DATABASE).parse()?, USER.to_owned(), starts)?;
    table.row([
        "the limit: connecting, and the statement".into(),
        written(connecting),
    ]);
    let of = |start: Start| {
        all.iter()
            .find(|(label, _)| *label == start.label)
            .map(|(_, times)| times)
    };
    if let [
        Some(floor),
        Some(near),
        Some(near_tls),
        Some(far),
        Some(direct),
    ] = [FLOOR_START, NEAR, NEAR_TLS, FAR_TLS, FAR_DIRECT_TLS].map(of)
    {
        targets.at_most(
            "cold start at 0 ms, without TLS / the floor's",
            near.total / floor.total,
            3.0,
        );
        targets.at_most(
            "cold start at 0 ms, with TLS / the floor's",
            near_tls.total / floor.total,
            3.0,
        );
        let round_trips = [far, direct].map(|times| number(times.round_trips));
        targets.at_most(
            "round trips to the first answer, TLS and SCRAM included",
            round_trips[0],
            7.0,
        );
        targets.at_most("the same with direct TLS negotiation", round_trips[1], 6.0);
    }
    Ok(Report {
        name: "cold",
        plot: Some(table.plot("ms", 1, 1)),
        tables: vec![table],
    })
}

/// A cold start near the database, without TLS: the median, in milliseconds.
pub(crate) async fn near(
    programs: &Programs,
    database: &Database,
    starts: usize,
) -> Result<f64, BenchError> {
    Ok(repeated(programs, database, NEAR, starts).await?.total)
}

async fn repeated(
    programs: &Programs,
    database: &Database,
    start: Start,
    starts: usize,
) -> Result<Times, BenchError> {
    let port = match start.parameters {
        PLAIN => database.port(),
        _ => tls::start(&programs.root, database.port()).await?,
    };
    let proxy = Proxy::start(port, Duration::from_millis(start.latency))?;
    // The certificate is for that name.
    let url = database
        .url_by(proxy.port, DATABASE)
        .replace("@127.0.0.1:", "@localhost:");
    let url = url.replace(PLAIN, &format!("{}&hostaddr=127.0.0.1", start.parameters));
    let trusted = trusted(programs, start)?;
    let variables: Vec<_> = trusted
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let events = Events::of(&programs.root, USER)?;
    let (mut init, mut first, mut total, mut round_trips) = (vec![], vec![], vec![], usize::MAX);
    for _ in 0..starts {
        let functions = Functions::start(programs, &url, &variables).await?;
        proxy.take();
        functions
            .invoke(
                start.function,
                events.request("get-task").task(task_id(1)).bytes(),
            )
            .await?;
        // The fewest: whether the client waited for what the server said, such as tickets of TLS, cannot be seen. Nor can
        // the handshake of TCP, which is one more.
        let seen = proxy.take().round_trips;
        round_trips = round_trips.min(if seen == 0 { 0 } else { seen + 1 });
        let Some(&Invocation {
            duration,
            init: Some(began),
        }) = functions.take().first()
        else {
            return Err(BenchError::Unexpected("no REPORT of a cold start".into()));
        };
        init.push(began);
        first.push(duration);
        total.push(began + duration);
        functions.stop().await;
    }
    Ok(Times {
        init: median(&init),
        first: median(&first),
        total: median(&total),
        round_trips,
    })
}

/// The variables that say whom to trust: the authority of the tests alone, or beside those of the system.
fn trusted(programs: &Programs, start: Start) -> Result<Vec<(&'static str, String)>, BenchError> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    if let Some(file) = start.trusted {
        return Ok(vec![("SSL_CERT_FILE", text(&programs.root.join(file)))]);
    }
    let directory = programs.root.join("target/bench/trusted");
    fs::create_dir_all(&directory)?;
    fs::copy(
        programs.root.join("tests/keys/tls/authority.pem"),
        directory.join(AUTHORITY),
    )?;
    Ok(vec![("SSL_CERT_DIR", text(&directory))])
}
