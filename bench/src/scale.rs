//! The same requests on small and large tables, for users with few and many tasks.

mod user;

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;

use user::{ScaleUser, Store};

use crate::database::BenchDatabase;
use crate::events::BenchEvent;
use crate::figures::{median, written};
use crate::programs::Programs;
use crate::report::{BenchResults, Table};
use crate::targets::Targets;

/// The requests of each kind in a run: fewer when they take too long.
const REQUESTS: usize = 100;
const LEAST_REQUESTS: usize = 3;
const TIME_LIMIT: Duration = Duration::from_secs(1);
const WARM_UP: usize = 3;

/// The tasks on a page, as in the queries, and the number of the far page.
const PAGE: usize = 50;
const FAR_PAGE: usize = 100;

/// A kind of request: its label, the function, and the events, if this user can send it.
struct ScaleRequest {
    label: &'static str,
    function: &'static str,
    event: fn(&ScaleUser, BenchEvent, usize) -> Option<BenchEvent>,
}

const fn kind(
    label: &'static str,
    function: &'static str,
    event: fn(&ScaleUser, BenchEvent, usize) -> Option<BenchEvent>,
) -> ScaleRequest {
    ScaleRequest {
        label,
        function,
        event,
    }
}

/// Creations come last, because they change how many tasks a user has.
const KINDS: [ScaleRequest; 9] = [
    kind("get", "get-task", |user, event, n| {
        Some(event.task(user.task(n)))
    }),
    kind("list, first page", "list-tasks", |_, event, _| {
        Some(event.query("limit=50"))
    }),
    kind("list, page 100", "list-tasks", |user, event, _| {
        user.far_page.as_deref().map(|query| event.query(query))
    }),
    kind("search, found", "list-tasks", |_, event, _| {
        Some(event.query("limit=50&q=buy"))
    }),
    kind("search, nothing", "list-tasks", |_, event, _| {
        Some(event.query("limit=50&q=nowhere"))
    }),
    kind("count", "list-tasks", |_, event, _| {
        Some(event.query("limit=1&count=true"))
    }),
    kind("summary", "summarize-tasks", |_, event, _| Some(event)),
    kind("update", "update-task", |user, event, n| {
        Some(event.task(user.task(n)).titled(n))
    }),
    kind("create", "create-task", |_, event, n| Some(event.titled(n))),
];

/// The requests that are promised to cost the same however many tasks there are.
const PROMISED: [&str; 3] = ["get", "create", "list, first page"];

/// Medians of latency, and PostgreSQL's CPU time for a request, both in milliseconds; one value for
/// each run.
#[derive(Default)]
struct ScaleFigures {
    p50: Vec<f64>,
    cpu: Vec<f64>,
}

/// The series of each user and each kind of request, by their places.
type All = BTreeMap<(usize, usize), ScaleFigures>;

/// Measures on tables of these sizes. Measurements that are compared take turns, so that a busy moment of
/// the machine hits all alike.
pub(crate) async fn measure(
    programs: &Programs,
    database: &BenchDatabase,
    sizes: &[i64],
    runs: usize,
    targets: &mut Targets,
) -> Result<BenchResults> {
    let mut stores = Vec::new();
    for &size in sizes {
        eprintln!("scale: storing {size} tasks");
        stores.push(Store::filled(programs, database, size).await?);
    }
    let mut users = Vec::new();
    for store in &stores {
        users.extend(ScaleUser::all(store).await?);
    }
    let mut all = All::new();
    for (place, kind) in KINDS.iter().enumerate() {
        eprintln!("scale: {}", kind.label);
        for _ in 0..runs {
            for (number, user) in users.iter().enumerate() {
                user.measure(kind, all.entry((number, place)).or_default())
                    .await?;
            }
        }
    }
    for store in &stores {
        store.functions.stop().await;
    }
    compare(&users, &all, targets);
    let table = table(&users, &all);
    let plot = Some(table.only(&PROMISED).plot("ms", 3, 3));
    Ok(BenchResults::new("scale", plot, table))
}

fn table(users: &[ScaleUser], all: &All) -> Table {
    let columns = [
        "request",
        "user's tasks",
        "table's tasks",
        "p50 ms",
        "PostgreSQL CPU ms",
    ];
    let mut table = Table::new("Scale", &columns);
    for (&(user, kind), series) in all.iter().filter(|(_, series)| !series.p50.is_empty()) {
        let labels = [
            KINDS[kind].label.into(),
            users[user].tasks.to_string(),
            users[user].store.size.to_string(),
        ];
        let figures = [&series.p50, &series.cpu].map(|values| written(median(values)));
        table.row(labels.into_iter().chain(figures));
    }
    table
}

fn compare(users: &[ScaleUser], all: &All, targets: &mut Targets) {
    let sizes = || users.iter().map(|user| user.store.size);
    let (Some(small), Some(large)) = (sizes().min(), sizes().max()) else {
        return;
    };
    let p50 = |request, tasks, size| {
        let user = users
            .iter()
            .position(|user| (user.tasks, user.store.size) == (tasks, size))?;
        let kind = KINDS.iter().position(|kind| kind.label == request)?;
        all.get(&(user, kind)).map(|series| median(&series.p50))
    };
    for request in PROMISED {
        if let (Some(before), Some(after)) = (p50(request, 1000, small), p50(request, 1000, large))
        {
            targets.at_most(
                &format!("{request}: {large} tasks / {small}"),
                after / before,
                1.2,
            );
        }
    }
    let page = |tasks| p50("list, first page", tasks, large);
    if let (Some(few), Some(many)) = (page(1000), page(100_000)) {
        targets.at_most(
            "first page: a user of 100,000 tasks / one of 1,000",
            many / few,
            1.3,
        );
    }
}
