//! The functions under the emulated Lambda.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use local::lambda::{Lambda, LambdaOptions};
use serde_json::Value;

use crate::error::BenchError;
use crate::events::SECRET;
use crate::programs::Programs;

/// Running functions; dropping them ends their environments.
pub(crate) struct Functions {
    lambda: Lambda,
    log: Arc<Mutex<Log>>,
}

/// What the functions have written, as far as it matters.
#[derive(Default)]
struct Log {
    invocations: Vec<Invocation>,
    /// Of everything but reports, the last two lines: why a function failed, and what Lambda says of that.
    last: [String; 2],
}

/// What the REPORT line says of an invocation, in milliseconds.
#[derive(Clone, Copy)]
pub(crate) struct Invocation {
    /// From the event's delivery to the poll for the next one.
    pub(crate) duration: f64,
    /// From the start of the process to its first poll, if it was the first.
    pub(crate) init: Option<f64>,
}

impl Functions {
    /// Serves the functions with a database, with further variables.
    pub(crate) async fn start(
        programs: &Programs,
        database_url: &str,
        variables: &[(&str, &str)],
    ) -> Result<Self, BenchError> {
        let log = Arc::<Mutex<Log>>::default();
        let sink = Arc::clone(&log);
        // Production would refuse a database without TLS.
        let required = [
            ("APP_ENV", "development"),
            ("DATABASE_URL", database_url),
            ("BETTER_AUTH_SECRET", SECRET),
        ];
        let lambda = Lambda::start(LambdaOptions {
            functions: programs.functions.clone(),
            binaries: programs.directory.clone(),
            environment: required
                .iter()
                .chain(variables)
                .map(|(name, value)| ((*name).into(), (*value).into()))
                .collect(),
            max_environments: 1000,
            log: Arc::new(move |line| {
                let mut log = sink.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(invocation) = Invocation::reported(&line.text) {
                    log.invocations.push(invocation);
                } else {
                    log.last.swap(0, 1);
                    log.last[1] = line.text;
                }
            }),
        });
        Ok(Self {
            lambda: lambda.await?,
            log,
        })
    }

    /// Invokes a function; its answer must be a success.
    pub(crate) async fn invoke(&self, function: &str, event: Bytes) -> Result<(), BenchError> {
        self.answer(function, event).await.map(|_| ())
    }

    /// The same, with the answer.
    pub(crate) async fn invoke_whole(
        &self,
        function: &str,
        event: Bytes,
    ) -> Result<Value, BenchError> {
        Ok(serde_json::from_slice(
            &self.answer(function, event).await?,
        )?)
    }

    async fn answer(&self, function: &str, event: Bytes) -> Result<Bytes, BenchError> {
        let answer = self.lambda.invoke(function, event).await.map_err(|error| {
            BenchError::Unexpected(format!(
                "{function}: {error}\n{}",
                self.log().last.join("\n")
            ))
        })?;
        // An answer may be long, and is read only where somebody asks for it.
        if answer.starts_with(b"{\"statusCode\":2") {
            return Ok(answer);
        }
        let (answer, log) = (String::from_utf8_lossy(&answer), self.log().last.join("\n"));
        Err(BenchError::Unexpected(format!(
            "{function} answered {answer}\n{log}"
        )))
    }

    /// The processes of a function.
    pub(crate) fn processes(&self, function: &str) -> Vec<u32> {
        self.lambda
            .environments(function)
            .iter()
            .map(|environment| environment.pid)
            .collect()
    }

    /// The invocations since the last call.
    pub(crate) fn take(&self) -> Vec<Invocation> {
        std::mem::take(&mut self.log().invocations)
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends them.
    pub(crate) async fn stop(&self) {
        self.lambda.stop().await;
    }
}

impl Invocation {
    fn reported(line: &str) -> Option<Self> {
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
