//! The same requests while the table grows, and for users with few and many tasks.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use serde_json::{Value, json};

use crate::database::{Database, backends, cpu_of, task_id};
use crate::error::BenchError;
use crate::events::Events;
use crate::figures::{median, milliseconds, number, written};
use crate::functions::Functions;
use crate::programs::Programs;
use crate::report::{Report, Table};
use crate::targets::Targets;

/// Requests of each kind, unless they take too long.
const REQUESTS: usize = 300;
const LEAST_REQUESTS: usize = 10;
const TIME_LIMIT: Duration = Duration::from_secs(2);

/// How many tasks a page holds, and which page is far.
const PAGE: usize = 50;
const FAR_PAGE: usize = 100;

/// What costs the same however many tasks there are.
const PROMISED: [&str; 3] = ["get", "create", "list, first page"];

/// The medians, in milliseconds, by operation, and user and tasks.
type Medians = BTreeMap<(&'static str, String, i64), f64>;

/// Measures on tables of these sizes.
pub(crate) async fn measure(
    programs: &Programs,
    database: &Database,
    sizes: &[i64],
    targets: &mut Targets,
) -> Result<Report, BenchError> {
    let columns = ["request", "user's tasks", "table's tasks", "p50 ms", "PostgreSQL CPU ms"];
    let mut table = Table::new("Scale", &columns);
    let mut medians = Medians::new();
    for &size in sizes {
        eprintln!("scale: {size} tasks are stored");
        let name = format!("tasks_{size}");
        database.fill(&name, size).await?;
        let functions = Functions::start(programs, &database.url(&name), &[]).await?;
        for tasks in [10, 1000, 100_000].into_iter().filter(|&tasks| tasks <= size / 10) {
            eprintln!("scale: a user with {tasks} of {size} tasks");
            let user = User { database, name: &name, functions: &functions, tasks, size };
            user.measure(programs, &mut table, &mut medians).await?;
        }
        functions.stop().await;
    }
    compare(&medians, sizes, targets);
    let plot = Some(table.only(&PROMISED).plot("ms", 3, 3));
    Ok(Report { name: "scale", plot, tables: vec![table] })
}

struct User<'a> {
    database: &'a Database,
    name: &'a str,
    functions: &'a Functions,
    tasks: i64,
    size: i64,
}

impl User<'_> {
    async fn measure(
        &self,
        programs: &Programs,
        table: &mut Table,
        medians: &mut Medians,
    ) -> Result<(), BenchError> {
        let events = Events::of(&programs.root, &format!("user-{}", self.tasks))?;
        let tasks = usize::try_from(self.tasks).unwrap_or(usize::MAX);
        let list = |query: &str| events.request("list-tasks").query(query).bytes();
        let page = format!("limit={PAGE}");
        let far = self.far_page(&events).await?;
        let title = |n: usize| json!({ "title": format!("Changed {n}") });
        for (request, function, event) in [
            (
                "get",
                "get-task",
                &(|n: usize| events.request("get-task").task(task_id(1 + n * 7 % tasks)).bytes())
                    as &dyn Fn(usize) -> Bytes,
            ),
            ("list, first page", "list-tasks", &|_| list(&page)),
            ("list, page 100", "list-tasks", &|_| list(far.as_deref().unwrap_or_default())),
            ("search, found", "list-tasks", &|_| list(&format!("{page}&q=buy"))),
            ("search, nothing", "list-tasks", &|_| list(&format!("{page}&q=nowhere"))),
            ("count", "list-tasks", &|_| list("limit=1&count=true")),
            ("summary", "summarize-tasks", &|_| events.request("summarize-tasks").bytes()),
            ("update", "update-task", &|n| {
                events.request("update-task").task(task_id(1 + n * 7 % tasks)).body(Some(&title(n))).bytes()
            }),
            ("create", "create-task", &|n| events.request("create-task").body(Some(&title(n))).bytes()),
        ] {
            if request == "list, page 100" && far.is_none() {
                continue;
            }
            let (p50, cpu) = self.requests(function, event).await?;
            medians.insert((request, self.tasks.to_string(), self.size), p50);
            let labels = [request.to_owned(), self.tasks.to_string(), self.size.to_string()];
            table.row(labels.into_iter().chain([p50, cpu].map(written)));
        }
        Ok(())
    }

    /// The median of many requests, and the CPU time that each takes PostgreSQL.
    async fn requests(
        &self,
        function: &str,
        event: &dyn Fn(usize) -> Bytes,
    ) -> Result<(f64, f64), BenchError> {
        for n in 0..5 {
            self.functions.invoke(function, event(n)).await?;
        }
        let client = self.database.superuser(self.name).await?;
        let backends = backends(&client).await?;
        self.functions.take();
        let (started, cpu) = (Instant::now(), cpu_of(&backends));
        for n in 0..REQUESTS {
            self.functions.invoke(function, event(5 + n)).await?;
            if n >= LEAST_REQUESTS && started.elapsed() > TIME_LIMIT {
                break;
            }
        }
        let cpu = cpu_of(&backends) - cpu;
        let durations: Vec<_> = self.functions.take().iter().map(|report| report.duration).collect();
        Ok((median(&durations), milliseconds(cpu) / number(durations.len())))
    }

    /// The query of a page far behind, by the links that lead to it; none when there are not so many.
    async fn far_page(&self, events: &Events) -> Result<Option<String>, BenchError> {
        // The size of pages may change on the way: a cursor belongs to what is listed.
        let (steps, limit) = (5, PAGE * (FAR_PAGE - 1) / 5);
        let mut query = format!("limit={limit}");
        for _ in 0..steps {
            let event = events.request("list-tasks").query(&query).bytes();
            let answer = self.functions.invoke_whole("list-tasks", event).await?;
            let Some(next) = link(&answer) else { return Ok(None) };
            query = next;
        }
        Ok(Some(query.replace(&format!("limit={limit}"), &format!("limit={PAGE}"))))
    }
}

/// The query of the next page.
fn link(answer: &Value) -> Option<String> {
    let link = answer["headers"]["link"].as_str().or(answer["multiValueHeaders"]["link"][0].as_str())?;
    Some(link.split_once('?')?.1.split_once('>')?.0.to_owned())
}

fn compare(medians: &Medians, sizes: &[i64], targets: &mut Targets) {
    let (Some(&small), Some(&large)) = (sizes.first(), sizes.last()) else { return };
    let of = |request, tasks: i64, size| medians.get(&(request, tasks.to_string(), size)).copied();
    for request in PROMISED {
        if let (Some(before), Some(after)) = (of(request, 1000, small), of(request, 1000, large)) {
            targets.at_most(&format!("{request}: {large} tasks / {small}"), after / before, 1.2);
        }
    }
    let page = |tasks| of("list, first page", tasks, large);
    if let (Some(few), Some(many)) = (page(1000), page(100_000)) {
        targets.at_most("first page: a user of 100,000 tasks / one of 1,000", many / few, 1.3);
    }
}
