//! The users whose requests are measured, and their tables.

use std::time::Instant;

use anyhow::Result;

use axum::body::Bytes;
use serde_json::Value;
use tokio_postgres::Client;
use uuid::Uuid;

use super::{
    FAR_PAGE, LEAST_REQUESTS, PAGE, REQUESTS, ScaleFigures, ScaleRequest, TIME_LIMIT, WARM_UP,
};
use crate::database::{BenchDatabase, backends, task_id};
use crate::events::{BenchEvent, Sender};
use crate::figures::{median, milliseconds, number};
use crate::functions::Functions;
use crate::process::total_cpu_nanoseconds;
use crate::programs::Programs;

/// A table, and the functions that use it.
pub(super) struct Store {
    pub(super) size: i64,
    pub(super) functions: Functions,
    client: Client,
}

/// A user, and the table with their tasks.
pub(super) struct ScaleUser<'a> {
    pub(super) store: &'a Store,
    pub(super) tasks: usize,
    sender: Sender,
    /// The query of the far page, if the user has that many tasks.
    pub(super) far_page: Option<String>,
}

impl Store {
    pub(super) async fn filled(
        programs: &Programs,
        database: &BenchDatabase,
        size: i64,
    ) -> Result<Self> {
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

impl<'a> ScaleUser<'a> {
    /// The users of a table.
    pub(super) async fn all(store: &'a Store) -> Result<Vec<Self>> {
        let mut users = Vec::new();
        for tasks in [10, 1000, 100_000] {
            if tasks <= store.size / 10 {
                users.push(Self::of(store, tasks).await?);
            }
        }
        Ok(users)
    }

    async fn of(store: &'a Store, tasks: i64) -> Result<Self> {
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
    async fn find_far_page(&self) -> Result<Option<String>> {
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
    pub(super) fn task(&self, n: usize) -> Uuid {
        task_id(1 + n * 7 % self.tasks)
    }

    /// The requests of a kind; none if this user cannot send it.
    fn events(&self, kind: &ScaleRequest) -> Result<Vec<Bytes>> {
        let mut events = Vec::new();
        for n in 0..WARM_UP + REQUESTS {
            let event = (kind.event)(self, self.sender.request(kind.function)?, n);
            events.extend(event.map(BenchEvent::bytes));
        }
        Ok(events)
    }

    pub(super) async fn measure(
        &self,
        kind: &ScaleRequest,
        series: &mut ScaleFigures,
    ) -> Result<()> {
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
        let durations = functions.take_durations();
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
