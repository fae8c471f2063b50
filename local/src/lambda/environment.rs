//! One execution environment: a process, with its side of the Runtime API.

use std::sync::Arc;
use std::time::Duration;

use nix::sys::signal::Signal;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};
use uuid::Uuid;

use super::error::FunctionError;
use super::fleet::Fleet;
use super::pending::{InvokeResult, PendingInvocation};
use super::process::FunctionProcess;
use super::report::ReportLine;
use super::runtime_api::{Call, Poll};
use super::{EnvironmentStatus, lock};

/// How long init may take: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html>
const INIT_LIMIT: Duration = Duration::from_secs(10);
/// How long a process with an internal extension has after SIGTERM (same page).
const SHUTDOWN_LIMIT: Duration = Duration::from_millis(500);
/// How long the result is held back until the environment is ready for the next invocation: callers
/// that come one after the other then meet the same environment, as on Lambda.
const SETTLE_LIMIT: Duration = Duration::from_millis(50);
/// How often, a millisecond apart, an environment is checked that does not look frozen.
const FREEZE_CHECKS: u32 = 50;

/// The status in the REPORT line of a process that has exited.
const EXITED: &str = "error\tError Type: Runtime.ExitError";

/// An environment. Dropping it kills the process.
pub(super) struct ExecutionEnvironment {
    pub(super) id: String,
    pub(super) process: FunctionProcess,
    calls: mpsc::UnboundedReceiver<Call>,
    /// The poll that the next invocation answers; none before init, while it is busy, and when the
    /// process has ended.
    poll: Option<Poll>,
    /// How long init took, until the first invocation reports it.
    init: Option<Duration>,
    has_extension: bool,
    fleet: Arc<Fleet>,
}

impl ExecutionEnvironment {
    /// Starts the process.
    pub(super) fn start(fleet: &Arc<Fleet>) -> Result<Self, FunctionError> {
        // These ids grow, so that the oldest environment comes first.
        let id = Uuid::now_v7().simple().to_string();
        let (calls, address) = fleet.host.runtime_api.register(&id);
        let date = jiff::Timestamp::now().strftime("%Y/%m/%d");
        let process = FunctionProcess::start(
            fleet,
            [
                ("AWS_LAMBDA_RUNTIME_API", address),
                (
                    "AWS_LAMBDA_LOG_STREAM_NAME",
                    format!("{date}/[$LATEST]{id}"),
                ),
            ],
        );
        let process = process.map_err(|error| {
            let message = format!("Error: {}: {error}", fleet.function.binary);
            FunctionError::new("Runtime.InvalidEntrypoint", message)
        })?;
        Ok(Self {
            id,
            process,
            calls,
            poll: None,
            init: None,
            has_extension: false,
            fleet: Arc::clone(fleet),
        })
    }

    /// Waits for the first poll, unless it has arrived.
    pub(super) async fn init(&mut self, request_id: &str) -> Result<(), FunctionError> {
        if self.poll.is_some() {
            return Ok(());
        }
        let limit = Instant::now() + INIT_LIMIT;
        while self.poll.is_none() {
            tokio::select! {
                biased;
                Some(call) = self.calls.recv() => match call {
                    Call::Next(poll) => self.poll = Some(poll),
                    Call::Extension => self.has_extension = true,
                    Call::Done { .. } => {}
                },
                status = self.process.ended() => {
                    return Err(FunctionError::exit(request_id, &status));
                }
                () = sleep_until(limit) => {
                    return Err(FunctionError::timeout(request_id, INIT_LIMIT));
                }
            }
        }
        self.init = Some(self.process.started.elapsed());
        Ok(())
    }

    /// Delivers an invocation as the response to the poll, waits for its end, and logs how it went.
    /// None when it could not be delivered, because the process had ended before.
    pub(super) async fn invoke(&mut self, pending: &mut PendingInvocation) -> Option<InvokeResult> {
        let delivery = pending.delivery(&self.fleet.function);
        let started = Instant::now();
        self.poll.take()?.send(delivery).ok()?;
        self.update(|status| status.invocations += 1);
        let (result, status) = self
            .result(pending, started + self.fleet.function.timeout)
            .await;
        let duration = started.elapsed();
        self.process.drain();
        if let Err(error) = &result {
            self.fleet.log(error.to_string());
        }
        let report = ReportLine {
            request_id: &pending.request_id,
            duration,
            init: self.init.take(),
            memory_size: self.fleet.function.memory_size,
            max_memory: self.process.max_memory(),
            status,
        };
        self.fleet.log(report.to_string());
        Some(result)
    }

    /// Waits for the next poll, and returns the result that the runtime sent before it. Without a
    /// result, the invocation has failed. The text is the status in the REPORT line.
    async fn result(
        &mut self,
        pending: &mut PendingInvocation,
        deadline: Instant,
    ) -> (InvokeResult, Option<&'static str>) {
        let id = pending.request_id.clone();
        let mut result: Option<InvokeResult> = None;
        let mut settled = deadline;
        let (error, status) = loop {
            tokio::select! {
                biased;
                Some(call) = self.calls.recv() => match call {
                    Call::Next(poll) => {
                        self.poll = Some(poll);
                        break (FunctionError::exit(&id, "it polled without a response"), None);
                    }
                    Call::Done { request_id, result: sent } if request_id == id => {
                        result.get_or_insert(sent.map_err(Into::into));
                        settled = Instant::now() + SETTLE_LIMIT;
                    }
                    Call::Done { .. } | Call::Extension => {}
                },
                status = self.process.ended() => {
                    break (FunctionError::exit(&id, &status), Some(EXITED));
                }
                () = sleep_until(deadline) => {
                    let limit = self.fleet.function.timeout;
                    break (FunctionError::timeout(&id, limit), Some("timeout"));
                }
                () = sleep_until(settled), if pending.is_awaited() => {
                    result.iter().cloned().for_each(|result| pending.reply(result));
                }
            }
        };
        (result.unwrap_or_else(|| Err(error.into())), status)
    }

    /// Whether it is waiting for the next invocation.
    pub(super) fn is_ready(&self) -> bool {
        self.poll.is_some()
    }

    /// Stops it until the next invocation.
    pub(super) fn freeze(&self) {
        self.process.signal(Signal::SIGSTOP);
        self.update(|status| status.frozen = true);
    }

    /// Resumes it. False if it has died while frozen: a process that has just been killed takes a
    /// moment to end, and an invocation given to it would be lost.
    pub(super) async fn thaw(&mut self) -> bool {
        for _ in 0..FREEZE_CHECKS {
            if self.process.is_frozen() {
                break;
            }
            let moment = Duration::from_millis(1);
            if timeout(moment, self.process.ended()).await.is_ok() {
                return false;
            }
        }
        self.update(|status| status.frozen = false);
        self.process.signal(Signal::SIGCONT);
        true
    }

    fn update(&self, change: impl FnOnce(&mut EnvironmentStatus)) {
        if let Some(status) = lock(&self.fleet.all).get_mut(&self.id) {
            change(status);
        }
    }

    /// Ends the process: with an extension, by SIGTERM first.
    pub(super) async fn shut_down(mut self) {
        if self.has_extension {
            self.process.signal(Signal::SIGTERM);
            // It may be frozen.
            self.process.signal(Signal::SIGCONT);
            let _ = timeout(SHUTDOWN_LIMIT, self.process.ended()).await;
        }
        self.process.signal(Signal::SIGKILL);
        self.process.ended().await;
    }
}

impl Drop for ExecutionEnvironment {
    fn drop(&mut self) {
        self.fleet.forget(&self.id);
    }
}
