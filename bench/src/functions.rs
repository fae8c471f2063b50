//! The functions under the emulated Lambda.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Result, anyhow};

use axum::body::Bytes;
use local::template::Template;
use local::{Server, ServerOptions};
use serde_json::Value;

use crate::events::SECRET;
use crate::programs::Programs;

/// Running functions. Dropping them ends their environments.
pub(crate) struct Functions {
    server: Server,
    log: Arc<Mutex<Log>>,
}

/// The lines of the functions' log that matter.
#[derive(Default)]
struct Log {
    reports: Vec<ReportedTimes>,
    /// The last two lines that are not reports: why a function failed, and what Lambda says about
    /// it.
    last: [String; 2],
}

/// The REPORT line of an invocation: times in milliseconds.
#[derive(Clone, Copy)]
pub(crate) struct ReportedTimes {
    /// From the delivery of the event to the poll for the next one.
    pub(crate) duration: f64,
    /// From the start of the process to its first poll; only the first invocation has it.
    pub(crate) init: Option<f64>,
}

impl Log {
    fn add(&mut self, line: String) {
        if let Some(report) = ReportedTimes::parse(&line) {
            self.reports.push(report);
        } else {
            self.last.swap(0, 1);
            self.last[1] = line;
        }
    }
}

impl Functions {
    /// Starts the functions with a database and with further environment variables.
    pub(crate) async fn start(
        programs: &Programs,
        database_url: &str,
        variables: &[(&str, &str)],
    ) -> Result<Self> {
        let log = Arc::<Mutex<Log>>::default();
        let sink = Arc::clone(&log);
        // Production would refuse a database without TLS.
        let required = [
            ("APP_ENV", "development"),
            ("DATABASE_URL", database_url),
            ("BETTER_AUTH_SECRET", SECRET),
        ];
        let template = Template {
            functions: programs.functions.clone(),
            ..Template::default()
        };
        let server = Server::start(ServerOptions {
            environment: required
                .iter()
                .chain(variables)
                .map(|(name, value)| ((*name).into(), (*value).into()))
                .collect(),
            max_environments: 1000,
            log: Arc::new(move |line| {
                let mut log = sink.lock().unwrap_or_else(PoisonError::into_inner);
                log.add(line.text);
            }),
            ..ServerOptions::new(template, &programs.directory)
        });
        Ok(Self {
            server: server.await?,
            log,
        })
    }

    /// Invokes a function, which must answer with a success.
    pub(crate) async fn invoke(&self, function: &str, event: Bytes) -> Result<()> {
        self.answer(function, event).await.map(|_| ())
    }

    /// Invokes a function, and returns its answer.
    pub(crate) async fn invoke_whole(&self, function: &str, event: Bytes) -> Result<Value> {
        Ok(serde_json::from_slice(
            &self.answer(function, event).await?,
        )?)
    }

    async fn answer(&self, function: &str, event: Bytes) -> Result<Bytes> {
        let answer = self
            .server
            .invoke_raw(function, event)
            .await
            .map_err(|error| anyhow!("{function}: {error}\n{}", self.log().last.join("\n")))?;
        // A long answer is parsed only where it is needed.
        if answer.starts_with(b"{\"statusCode\":2") {
            return Ok(answer);
        }
        let (answer, log) = (String::from_utf8_lossy(&answer), self.log().last.join("\n"));
        Err(anyhow!("{function} answered {answer}\n{log}"))
    }

    /// The processes of a function.
    pub(crate) fn processes(&self, function: &str) -> Vec<u32> {
        self.server
            .environments(function)
            .iter()
            .map(|environment| environment.pid)
            .collect()
    }

    /// The reports of the invocations since the last call.
    pub(crate) fn take(&self) -> Vec<ReportedTimes> {
        std::mem::take(&mut self.log().reports)
    }

    /// The durations of the invocations since the last call, in milliseconds.
    pub(crate) fn take_durations(&self) -> Vec<f64> {
        self.take().iter().map(|report| report.duration).collect()
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends them.
    pub(crate) async fn stop(&self) {
        self.server.stop().await;
    }
}

impl ReportedTimes {
    fn parse(line: &str) -> Option<Self> {
        let fields = || {
            line.strip_prefix("REPORT ")
                .into_iter()
                .flat_map(|line| line.split('\t'))
        };
        let value = |name: &str| {
            fields().find_map(|field| field.strip_prefix(name)?.strip_suffix(" ms")?.parse().ok())
        };
        Some(Self {
            duration: value("Duration: ")?,
            init: value("Init Duration: "),
        })
    }
}
