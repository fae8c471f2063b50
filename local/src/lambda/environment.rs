//! One execution environment: a process, with its side of the Runtime API.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use nix::sys::signal::Signal;
use tokio::time::{Instant, sleep_until, timeout};
use uuid::Uuid;

use super::EnvironmentStatus;
use super::fleet::Fleet;
use super::invocation::{FunctionError, InvokeError, InvokeResult, PendingInvocation};
use super::process::FunctionProcess;
use super::report::ReportLine;
use super::runtime_api::{Call, Poll, RuntimeApi};

/// How long init may take: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html>
const INIT_LIMIT: Duration = Duration::from_secs(10);
/// How long a process with an internal extension has after SIGTERM (same page).
const SHUTDOWN_LIMIT: Duration = Duration::from_millis(500);
/// How often, a millisecond apart, an environment is checked that does not look frozen.
const FREEZE_CHECKS: u32 = 50;

/// An environment. Dropping it kills the process.
pub(super) struct ExecutionEnvironment {
    pub(super) id: String,
    pub(super) process: FunctionProcess,
    api: RuntimeApi,
    /// The poll that the next invocation answers; none before init, while it is busy, and when the
    /// process has ended.
    poll: Option<Poll>,
    /// How long init took, until the first invocation reports it.
    init: Option<Duration>,
    /// The last invocation, and when it was delivered.
    request_id: String,
    delivered: Instant,
    /// Why it cannot be used any more.
    failure: Option<InvokeError>,
    fleet: Arc<Fleet>,
}

impl ExecutionEnvironment {
    /// Starts the process.
    pub(super) fn start(fleet: &Arc<Fleet>) -> Result<Self, InvokeError> {
        // These ids grow, so that the oldest environment comes first.
        let id = Uuid::now_v7().simple().to_string();
        let date = jiff::Timestamp::now().strftime("%Y/%m/%d");
        let stream = format!("{date}/[$LATEST]{id}");
        let started = RuntimeApi::start(Router::new()).and_then(|api| {
            let variables = [
                ("AWS_LAMBDA_RUNTIME_API", api.address.clone()),
                ("AWS_LAMBDA_LOG_STREAM_NAME", stream),
            ];
            Ok((FunctionProcess::start(fleet, variables)?, api))
        });
        let (process, api) = started.map_err(|error| {
            let message = format!("Error: {}: {error}", fleet.function.binary);
            InvokeError::from(FunctionError::new("Runtime.InvalidEntrypoint", message))
        })?;
        Ok(Self {
            id,
            process,
            api,
            poll: None,
            init: None,
            request_id: String::new(),
            delivered: Instant::now(),
            failure: None,
            fleet: Arc::clone(fleet),
        })
    }

    /// Waits for the first poll, unless it has arrived.
    pub(super) async fn init(&mut self, request_id: &str) -> Result<(), InvokeError> {
        request_id.clone_into(&mut self.request_id);
        if !self.is_ready() {
            self.wait_for_poll(INIT_LIMIT).await?;
            self.init = Some(self.process.started.elapsed());
        }
        Ok(())
    }

    /// Delivers an invocation as the response to the poll. False when the process has ended before.
    pub(super) fn deliver(&mut self, invocation: &PendingInvocation) -> bool {
        self.delivered = Instant::now();
        let delivery = invocation.delivery(&self.fleet.function);
        let poll = self.poll.take();
        let is_delivered = poll.is_some_and(|poll| poll.send(delivery).is_ok());
        self.update(|status| status.invocations += u64::from(is_delivered));
        is_delivered
    }

    /// Waits for the result of the invocation. Without one, it has failed.
    pub(super) async fn result(&mut self) -> InvokeResult {
        loop {
            match self.call(self.fleet.function.timeout).await? {
                Call::Done { request_id, result } if request_id == self.request_id => {
                    return result.map_err(Into::into);
                }
                Call::Done { .. } => {}
                Call::Next(poll) => {
                    self.poll = Some(poll);
                    let status = "it polled without a response";
                    return Err(FunctionError::exit(&self.request_id, status).into());
                }
            }
        }
    }

    /// Waits for the poll that ends the invocation, and logs how it went.
    pub(super) async fn end(&mut self, result: &InvokeResult) {
        let end = self.wait_for_poll(self.fleet.function.timeout).await;
        let duration = self.delivered.elapsed();
        self.process.output.drain();
        if let Err(error) = result {
            self.fleet.log(error.to_string());
        }
        let report = ReportLine {
            request_id: &self.request_id,
            duration,
            init: self.init.take(),
            memory_size: self.fleet.function.memory_size,
            max_memory: self.process.max_memory(),
            status: end.err().map(|error| error.status()),
        };
        self.fleet.log(report.to_string());
    }

    /// Waits until it polls, unless it has done so.
    async fn wait_for_poll(&mut self, limit: Duration) -> Result<(), InvokeError> {
        while !self.is_ready() {
            if let Call::Next(poll) = self.call(limit).await? {
                self.poll = Some(poll);
            }
        }
        Ok(())
    }

    /// The next call of the runtime, if it comes within the limit since the delivery, or in init
    /// since the start.
    async fn call(&mut self, limit: Duration) -> Result<Call, InvokeError> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        let failure = tokio::select! {
            biased;
            () = self.fleet.host.stopping.cancelled() => InvokeError::Stopped,
            Some(call) = self.api.calls.recv() => return Ok(call),
            status = self.process.ended() => FunctionError::exit(&self.request_id, &status).into(),
            () = sleep_until(self.delivered + limit) => {
                FunctionError::timeout(&self.request_id, limit).into()
            }
        };
        Err(self.failure.insert(failure).clone())
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
        if let Some(status) = self.fleet.all.lock().get_mut(&self.id) {
            change(status);
        }
    }

    /// Ends the process: by SIGTERM first, as if it had an extension, which ours have.
    pub(super) async fn shut_down(mut self) {
        self.process.signal(Signal::SIGTERM);
        // It may be frozen.
        self.process.signal(Signal::SIGCONT);
        let _ = timeout(SHUTDOWN_LIMIT, self.process.ended()).await;
        self.process.signal(Signal::SIGKILL);
        self.process.ended().await;
    }
}

impl Drop for ExecutionEnvironment {
    fn drop(&mut self) {
        self.fleet.forget(&self.id);
    }
}
