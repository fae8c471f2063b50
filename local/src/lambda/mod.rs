//! AWS Lambda, emulated: each execution environment is a real process that polls a real Runtime
//! API.
//!
//! Modelled, and after which document:
//!
//! * the [Runtime API][api] with its paths, headers and responses, and the [variables][variables]
//!   that Lambda sets
//! * the [lifecycle][lifecycle]: an environment serves one invocation at a time, is frozen while it
//!   waits for the next one, and thaws for it; init may take 10 s; a function that times out or
//!   crashes loses its environment, and the next invocation gets a new one
//! * the [quotas][quotas]: 6 MB for an event and for a response
//! * only observed: the environment used most recently is used first; the texts of errors and
//!   REPORT lines
//!
//! Not modelled: the CPU share and the limit that come with memory, events for extensions, response
//! streaming, several invocations at once in one environment, errors reported during init, the
//! bodies of responses that no runtime reads, that Lambda refuses a result of another invocation
//! (here it has no effect), that it repeats a failed init once, that it ends environments that
//! have been idle for some minutes, and that a process without an extension gets no SIGTERM.
//!
//! [api]: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
//! [variables]: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
//! [lifecycle]: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
//! [quotas]: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html

mod environment;
mod fleet;
mod invocation;
mod process;
mod report;
mod runtime_api;
mod variables;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use axum::body::Bytes;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use fleet::Fleet;
pub(crate) use invocation::new_trace;
pub use invocation::{FunctionError, InvokeError, InvokeResult, PendingInvocation};
pub use runtime_api::{Call, Poll, RuntimeApi};
pub(crate) use variables::REGION;

use crate::ServerOptions;
use crate::guard::Guard;

/// The most bytes of an event (6 MB).
pub const EVENT_LIMIT: usize = 6 * 1024 * 1024;
/// The most bytes of a response, according to Lambda's own error message.
pub const RESPONSE_LIMIT: usize = 6_291_556;

/// The state of an execution environment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct EnvironmentStatus {
    /// Its process, which leads a process group.
    pub pid: u32,
    /// Whether it is stopped until its next invocation.
    pub frozen: bool,
    /// How many invocations it has been given.
    pub invocations: u64,
}

/// The emulated Lambda. Dropping it kills the environments.
pub(crate) struct Lambda {
    fleets: BTreeMap<String, Arc<Fleet>>,
    host: Arc<Host>,
}

/// What all environments share.
struct Host {
    options: Arc<ServerOptions>,
    guard: Guard,
    /// Cancelled when the emulator ends.
    stopping: CancellationToken,
    /// The invocations, and environments that are ending.
    tasks: TaskTracker,
}

impl Lambda {
    /// Starts the emulator. Environments start when they are needed.
    ///
    /// # Errors
    ///
    /// When the guard's shell does not start.
    pub(crate) fn start(options: &Arc<ServerOptions>) -> io::Result<Self> {
        let host = Arc::new(Host {
            options: Arc::clone(options),
            guard: Guard::start("KILL", None)?,
            stopping: CancellationToken::new(),
            tasks: TaskTracker::new(),
        });
        let functions = options.template.functions.iter();
        let fleets = functions.map(|function| {
            let fleet = Arc::new(Fleet::new(function.clone(), &host));
            (function.binary.clone(), fleet)
        });
        let fleets = fleets.collect();
        Ok(Self { fleets, host })
    }

    /// Invokes a function and waits for its response. `trace` is the trace that the invocation
    /// belongs to (`Root=1-...`). When the caller stops waiting, the invocation runs to its end all
    /// the same, as on Lambda.
    ///
    /// # Errors
    ///
    /// When the function fails, does not exist or is throttled, or the event is over
    /// [`EVENT_LIMIT`].
    pub(crate) async fn invoke(&self, function: &str, event: Bytes, trace: &str) -> InvokeResult {
        let fleet = self.fleets.get(function).ok_or(InvokeError::NotFound)?;
        if event.len() > EVENT_LIMIT {
            return Err(InvokeError::RequestTooLarge(event.len()));
        }
        if self.host.stopping.is_cancelled() {
            return Err(InvokeError::Stopped);
        }
        let invocation = PendingInvocation::new(event, trace);
        let run = Arc::clone(fleet).run(invocation);
        self.host
            .tasks
            .spawn(run)
            .await
            .unwrap_or(Err(InvokeError::Stopped))
    }

    /// The environments of a function, oldest first; none if the function does not exist.
    pub(crate) fn environments(&self, function: &str) -> Vec<EnvironmentStatus> {
        let fleet = self.fleets.get(function);
        fleet.map(|fleet| fleet.environments()).unwrap_or_default()
    }

    /// Ends the environments, even busy ones, and returns when none is left.
    pub(crate) async fn stop(&self) {
        let Host {
            stopping,
            tasks,
            guard,
            ..
        } = &*self.host;
        stopping.cancel();
        tasks.close();
        tasks.wait().await;
        // Only now: a task that was about to end may still have added one.
        for fleet in self.fleets.values() {
            for environment in std::mem::take(&mut *fleet.idle.lock()) {
                tasks.spawn(environment.shut_down());
            }
        }
        tasks.wait().await;
        guard.stop();
    }
}

impl Drop for Lambda {
    fn drop(&mut self) {
        self.host.stopping.cancel();
        for fleet in self.fleets.values() {
            fleet.idle.lock().clear();
        }
    }
}
