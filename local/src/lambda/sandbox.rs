//! A process together with its side of the Runtime API.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use uuid::Uuid;

use super::error::{FunctionError, InvokeError};
use super::fleet::Fleet;
use super::invocation::{Delivery, Invocation, Outcome};
use super::process::Process;
use super::runtime_api::Call;

/// How long init may take: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html>
const INIT_LIMIT: Duration = Duration::from_secs(10);
/// How long a caller waits, when the answer is there, for the environment to be ready for the next
/// invocation: callers that come one after the other then meet the same environment, as on Lambda.
const SETTLE_LIMIT: Duration = Duration::from_millis(50);

/// How long a process with an internal extension has after SIGTERM:
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html>
const SHUTDOWN_LIMIT: Duration = Duration::from_millis(500);

/// How many times, a millisecond apart, an environment is looked at that does not look frozen.
const FREEZE_CHECKS: u32 = 50;

/// A runtime's poll for the next event, not yet answered.
pub(super) type Poll = oneshot::Sender<Delivery>;

/// How an invocation ended.
pub(super) struct Finished {
    pub(super) outcome: Outcome,
    pub(super) duration: Duration,
    /// None when it ended well, or with an error that the function itself reported.
    pub(super) status: Option<&'static str>,
    /// The next poll; none when the process is of no more use.
    pub(super) poll: Option<Poll>,
}

pub(super) struct Sandbox {
    pub(super) process: Process,
    calls: mpsc::UnboundedReceiver<Call>,
    has_extension: bool,
    id: String,
    fleet: Arc<Fleet>,
}

impl Sandbox {
    /// Starts the process.
    pub(super) fn start(fleet: &Arc<Fleet>) -> io::Result<Self> {
        let id = Uuid::new_v4().simple().to_string();
        let (calls, address) = fleet.service.runtime_api.register(&id);
        let mut variables = fleet.variables.clone();
        let day = jiff::Timestamp::now().strftime("%Y/%m/%d");
        variables.insert("AWS_LAMBDA_RUNTIME_API".into(), address);
        variables.insert(
            "AWS_LAMBDA_LOG_STREAM_NAME".into(),
            format!("{day}/[$LATEST]{id}"),
        );
        let started = Process::start(
            &fleet.binary,
            &fleet.function.binary,
            &variables,
            &fleet.service,
        );
        match started {
            Ok(process) => Ok(Self {
                process,
                calls,
                has_extension: false,
                id,
                fleet: Arc::clone(fleet),
            }),
            Err(error) => {
                fleet.service.runtime_api.forget(&id);
                Err(error)
            }
        }
    }

    /// Waits for the first poll.
    pub(super) async fn init(&mut self, request_id: &str) -> Result<Poll, FunctionError> {
        let mut reported = None;
        let limit = sleep(INIT_LIMIT);
        tokio::pin!(limit);
        loop {
            tokio::select! {
                biased;
                Some(call) = self.calls.recv() => match call {
                    Call::Next(poll) => return Ok(poll),
                    Call::InitError(error) => reported = Some(error),
                    Call::Extension => self.has_extension = true,
                    Call::Done { .. } => {}
                },
                status = self.process.ended() => {
                    return Err(reported.unwrap_or_else(|| FunctionError::exit(request_id, &status)));
                }
                () = &mut limit => return Err(FunctionError::timeout(request_id, INIT_LIMIT)),
            }
        }
    }

    /// Delivers an invocation as the answer to `poll` and waits for its end. None when it could not be
    /// delivered, as the process had ended before.
    pub(super) async fn invoke(
        &mut self,
        invocation: &mut Invocation,
        poll: Poll,
    ) -> Option<Finished> {
        let function = &self.fleet.function;
        let started = Instant::now();
        let deadline = started + function.timeout;
        let mut turn = Turn {
            id: invocation.request_id.clone(),
            outcome: None,
            settled: deadline,
        };
        poll.send(invocation.delivery(&function.binary, function.timeout))
            .ok()?;
        let (error, status, poll) = loop {
            tokio::select! {
                biased;
                Some(call) = self.calls.recv() => if let Some(poll) = turn.hear(call) {
                    break (FunctionError::exit(&turn.id, "it polled without an answer"), None, Some(poll));
                },
                status = self.process.ended() => {
                    let error = FunctionError::exit(&turn.id, &status);
                    break (error, Some("error\tError Type: Runtime.ExitError"), None);
                }
                () = sleep_until(deadline) => {
                    break (FunctionError::timeout(&turn.id, function.timeout), Some("timeout"), None);
                }
                () = sleep_until(turn.settled), if invocation.is_awaited() => turn.reply(invocation),
            }
        };
        let outcome = turn.outcome.unwrap_or_else(|| Err(error.into()));
        Some(Finished {
            outcome,
            duration: started.elapsed(),
            status,
            poll,
        })
    }

    /// Waits, while there is nothing to do, for the end of the process.
    pub(super) async fn ended(&mut self) {
        self.process.ended().await;
    }

    /// Whether the process is still there after its rest. One that has just been killed takes a moment to
    /// end, and would take an invocation with it.
    pub(super) async fn has_survived(&mut self) -> bool {
        for _ in 0..FREEZE_CHECKS {
            if self.process.is_frozen() {
                return true;
            }
            tokio::select! {
                _ = self.process.ended() => return false,
                () = sleep(Duration::from_millis(1)) => {}
            }
        }
        true
    }

    /// Ends the process: with an extension, by SIGTERM first.
    pub(super) async fn shut_down(mut self) {
        if self.has_extension {
            self.process.terminate();
            let _ = timeout(SHUTDOWN_LIMIT, self.process.ended()).await;
        }
        self.process.kill().await;
    }
}

/// An invocation, while its function has it.
struct Turn {
    id: String,
    outcome: Option<Outcome>,
    /// When the caller gets its answer at the latest.
    settled: Instant,
}

impl Turn {
    /// Takes a call of the runtime in; a poll ends the turn.
    fn hear(&mut self, call: Call) -> Option<Poll> {
        match call {
            Call::Next(poll) => return Some(poll),
            Call::Done {
                request_id,
                result,
                accepted,
            } => {
                let is_expected = self.outcome.is_none() && request_id == self.id;
                if is_expected {
                    self.outcome = Some(result.map_err(InvokeError::Function));
                    self.settled = Instant::now() + SETTLE_LIMIT;
                }
                let _ = accepted.send(is_expected);
            }
            Call::InitError(_) | Call::Extension => {}
        }
        None
    }

    fn reply(&self, invocation: &mut Invocation) {
        if let Some(outcome) = &self.outcome {
            invocation.reply(outcome.clone());
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.fleet.service.runtime_api.forget(&self.id);
    }
}
