//! Invocations that are not requests: a schedule's, or one by hand.

use std::sync::atomic::{AtomicBool, Ordering};

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::configuration::ConfigError;
use crate::http::Invocation;
use crate::net::Chain;
use crate::store::StoreError;

/// Why an invocation failed. The operator who invoked the function gets the message and its causes.
#[derive(Debug, thiserror::Error)]
pub enum InvocationError {
    /// Environment variables, or parameters in their place, are missing or wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database could not do what it was asked to do.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Takes events until Lambda ends the environment. An event says nothing but that it is time.
pub(super) async fn run<H, F, R>(operation: &'static str, handler: H) -> Result<(), Error>
where
    H: Fn(Invocation) -> F,
    F: Future<Output = Result<R, InvocationError>>,
    R: Serialize,
{
    let cold = AtomicBool::new(true);
    let service = service_fn(|event: LambdaEvent<IgnoredAny>| {
        let is_cold = cold.swap(false, Ordering::Relaxed);
        let invocation = Invocation::begin(&event.context, is_cold);
        let work = handler(invocation.clone());
        async move {
            let report = report(work.await);
            log(operation, &invocation, &report);
            report.map_err(Error::from)
        }
    });
    lambda_runtime::run(service).await
}

/// The answer, or why there is none.
fn report(result: Result<impl Serialize, InvocationError>) -> Result<Value, String> {
    let report = result.map_err(|error| Chain(&error).to_string())?;
    serde_json::to_value(report).map_err(|error| Chain(&error).to_string())
}

/// Logs what was done: nobody waits for the answer to a schedule's event.
fn log(operation: &str, invocation: &Invocation, report: &Result<Value, String>) {
    macro_rules! line {
        ($level:ident, $($field:tt)+) => {
            tracing::$level!(
                operation,
                request_id = invocation.request_id(),
                ms = invocation.milliseconds(),
                database_ms = invocation.database_milliseconds(),
                cold_start = invocation.cold_start(),
                $($field)+,
                "invocation"
            )
        };
    }
    match report {
        Ok(report) => line!(info, %report),
        Err(cause) => line!(error, cause),
    }
}
