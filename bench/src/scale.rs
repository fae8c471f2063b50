//! The same requests on small and large tables, for users with few and many tasks.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use serde_json::Value;
use tokio_postgres::Client;
use uuid::Uuid;

use crate::database::{BenchDatabase, backends, task_id};
use crate::error::BenchError;
use crate::events::{Event, Sender};
use crate::figures::{median, milliseconds, number, written};
use crate::functions::Functions;
use crate::process::total_cpu_nanoseconds;
use crate::programs::Programs;
use crate::report::{Results, Table};
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
struct Kind {
    label: &'static str,
    function: &'static str,
    event: fn(&User, Event, usize) -> Option<Event>,
}

const fn kind(
    label: &'static str,
    function: &'static str,
    event: fn(&User, Event, usize) -> Option<Event>,
) -> Kind {
    Kind {
        label,
        function,
        event,
    }
}

/// Creations come last, because they change how many tasks a user has.
const KINDS: [Kind; 9] = [
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

/// A table, and the functions that use it.
struct Store {
    size: i64,
    functions: Functions,
    client: Client,
}

/// A user, and the table with their tasks.
struct User<'a> {
    store: &'a Store,
    tasks: usize,
    sender: Sender,
    /// The query of the far page, if the user has that many tasks.
    far_page: Option<String>,
}

/// Medians of latency, and PostgreSQL's CPU time for a request, both in milliseconds; one value for each run.
#[derive(Default)]
struct Series {
    p50: Vec<f64>,
    cpu: Vec<f64>,
}

/// The series of each user and each kind of request, by their places.
type All = BTreeMap<(usize, usize), Series>;

/// Measures on tables of these sizes. Whatever is compared takes turns, so that a busy moment of the machine hits all alike.
pub(crate) async fn measure(
    programs: &Programs,
    database: &BenchDatabase,
    sizes: &[i64],
    runs: usize,
    targets: &mut Targets,
) -> Result<Results, BenchError> {
    let mut stores = Vec::new();
    for &size in sizes {
        eprintln!("scale: storing {size} tasks");
        stores.push(Store::filled(programs, database, size).await?);
    }
    let mut users = Vec::new();
    for store in &stores {
        for tasks in [10, 1000, 100_000]
            .into_iter()
            .filter(|&tasks| tasks <= store.size / 10)
        {
            users.push(User::of(store, tasks).await?);
        }
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
    Ok(Results {
        name: "scale",
        plot,
        tables: vec![table],
    })
}

impl Store {
    async fn filled(
        programs: &Programs,
        database: &BenchDatabase,
        size: i64,
    ) -> Result<Self, BenchError> {
        let name = format!("tasks_{size}");
        database.fill(&name, size).await?;
        let functions = Functions::start(programs, &database.url(&name), &[]).await?;
        Ok(Self {
            size,
            functions,
            client: database.superuser(&name).await?,
        })
    }
}

impl<'a> User<'a> {
    async fn of(store: &'a Store, tasks: i64) -> Result<Self, BenchError> {
        let sender = Sender::new(&format!("user-{tasks}"))?;
        let tasks = usize::try_from(tasks).unwrap_or(usize::MAX);
        let user = Self {
            store,
            tasks,
            sender,
            far_page: None,
        };
        let far_page = user.find_far_page().await?;
        Ok(Self { far_page, ..user })
    }

    /// Follows the links to the far page, if the user has that many tasks.
    async fn find_far_page(&self) -> Result<Option<String>, BenchError> {
        // The limit may change on the way: a cursor belongs to the filters and the order only.
        let (steps, limit) = (5, PAGE * (FAR_PAGE - 1) / 5);
        let mut query = format!("limit={limit}");
        for _ in 0..steps {
            let event = self.sender.request("list-tasks")?.query(&query).bytes();
            let answer = self
                .store
                .functions
                .invoke_whole("list-tasks", event)
                .await?;
            let Some(next) = link(&answer) else {
                return Ok(None);
            };
            query = next;
        }
        Ok(Some(query.replace(
            &format!("limit={limit}"),
            &format!("limit={PAGE}"),
        )))
    }

    /// The ID of one of the user's tasks.
    fn task(&self, n: usize) -> Uuid {
        task_id(1 + n * 7 % self.tasks)
    }

    /// The requests of a kind; none if this user cannot send it.
    fn events(&self, kind: &Kind) -> Result<Vec<Bytes>, BenchError> {
        let mut events = Vec::new();
        for n in 0..WARM_UP + REQUESTS {
            let event = (kind.event)(self, self.sender.request(kind.function)?, n);
            events.extend(event.map(Event::bytes));
        }
        Ok(events)
    }

    async fn measure(&self, kind: &Kind, series: &mut Series) -> Result<(), BenchError> {
        let functions = &self.store.functions;
        let mut events = self.events(kind)?;
        if events.is_empty() {
            return Ok(());
        }
        let measured = events.split_off(WARM_UP);
        for event in events {
            functions.invoke(kind.function, event).await?;
        }
        let backends = backends(&self.store.client).await?;
        let _ = functions.take();
        let (started, cpu) = (Instant::now(), total_cpu_nanoseconds(&backends));
        for (n, event) in measured.into_iter().enumerate() {
            if n >= LEAST_REQUESTS && started.elapsed() > TIME_LIMIT {
                break;
            }
            functions.invoke(kind.function, event).await?;
        }
        let cpu = total_cpu_nanoseconds(&backends) - cpu;
        let durations: Vec<_> = functions
            .take()
            .iter()
            .map(|report| report.duration)
            .collect();
        series.p50.push(median(&durations));
        series.cpu.push(milliseconds(cpu) / number(durations.len()));
        Ok(())
    }
}

/// The query of the next page.
fn link(answer: &Value) -> Option<String> {
    let link = answer["headers"]["link"]
        .as_str()
        .or(answer["multiValueHeaders"]["link"][0].as_str())?;
    Some(link.split_once('?')?.1.split_once('>')?.0.to_owned())
}

fn table(users: &[User], all: &All) -> Table {
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

fn compare(users: &[User], all: &All, targets: &mut Targets) {
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
