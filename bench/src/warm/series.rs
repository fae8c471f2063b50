//! The figures of warm requests.

use testbed::proxy::Traffic;

use super::Warm;
use crate::cases::CASES;
use crate::figures::{median, number, written};
use crate::report::{BenchResults, Table};
use crate::targets::Targets;

/// The figures of one case; one value for each run.
#[derive(Default)]
pub(crate) struct CaseFigures {
    pub(super) latency: [Vec<f64>; 4],
    pub(super) cpu: Vec<f64>,
    pub(super) postgres_cpu: Vec<f64>,
    pub(super) limit: Vec<f64>,
    pub(super) limit_cpu: Vec<f64>,
    pub(super) memory: f64,
    pub(super) traffic: Traffic,
}

pub(super) const PERCENTS: [f64; 4] = [50.0, 90.0, 99.0, 99.9];

impl CaseFigures {
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

impl CaseFigures {
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
pub(crate) fn report(all: &Warm, targets: &mut Targets) -> BenchResults {
    let mut table = Table::new("Warm requests", &COLUMNS);
    for case in CASES {
        if let Some(series) = all.get(case.label) {
            table.row([case.label.to_owned()].into_iter().chain(series.cells()));
        }
    }
    compare(all, targets);
    BenchResults::new("warm", Some(table.plot("ms", 1, 1)), table)
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
