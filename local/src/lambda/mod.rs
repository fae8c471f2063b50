//! AWS Lambda, emulated: each execution environment is a real process that polls a real Runtime API.
//!
//! What is modelled on which source:
//!
//! * the [Runtime API][api] with its paths, headers and answers, and the [variables][variables] that Lambda
//!   sets
//! * the [lifecycle][lifecycle]: an environment serves one invocation at a time, freezes when it polls
//!   for the next one with nothing to do, and thaws for it; init may take 10 s; a function that times out
//!   or crashes loses its environment, and the next invocation gets a new one
//! * the [quotas][quotas]: 6 MB for a request and for an answer
//! * only observed: that the environment used most recently is taken first, and the texts of errors and
//!   of REPORT lines
//!
//! Not modelled: the CPU share that goes with memory, the memory limit, events of extensions, response streaming,
//! several invocations at once in one environment, that Lambda repeats a failed init once, and that it ends
//! environments after some minutes without work.
//!
//! [api]: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
//! [variables]: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
//! [lifecycle]: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
//! [quotas]: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html

mod environment;
mod error;
mod fleet;
mod guard;
mod invocation;
mod output;
mod process;
mod report;
mod runtime_api;
mod sandbox;
mod variables;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use tokio::sync::{oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};

pub use error::{FunctionError, InvokeError};
use fleet::Fleet;
use guard::Guard;
use invocation::Invocation;
pub(crate) use invocation::new_trace;
use runtime_api::RuntimeApi;

use crate::template::Function;

/// The most bytes of an event (6 MB).
pub const EVENT_LIMIT: usize = 6 * 1024 * 1024;
/// The most bytes of an answer, which is what the error of Lambda says.
pub const RESPONSE_LIMIT: usize = 6_291_556;

/// A line of a function's log: what it wrote to stdout or stderr, or what Lambda has to say of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LogLine {
    /// The function: its binary's name.
    pub function: String,
    /// The line, without its end.
    pub text: String,
}

/// Takes log lines. It must not block.
pub type LogSink = Arc<dyn Fn(LogLine) + Send + Sync>;

/// An execution environment, as it is now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct EnvironmentStatus {
    /// Its process, which is the leader of its process group too.
    pub pid: u32,
    /// Whether it is stopped until its next invocation.
    pub frozen: bool,
    /// How many invocations it was given.
    pub invocations: u64,
}

/// What functions are run with.
pub struct LambdaOptions {
    /// The functions.
    pub functions: Vec<Function>,
    /// The directory that holds their binaries.
    pub binaries: PathBuf,
    /// Environment variables for all of them, over those of the template.
    pub environment: BTreeMap<String, String>,
    /// The most environments of one function (its reserved concurrency); beyond it, it is throttled.
    pub max_environments: usize,
    /// Where log lines go.
    pub log: LogSink,
}

/// The emulated service. Dropping it kills the environments.
pub struct Lambda {
    fleets: BTreeMap<String, Arc<Fleet>>,
    service: Arc<Service>,
    runtime_api: JoinHandle<()>,
}

/// What all environments share.
struct Service {
    runtime_api: RuntimeApi,
    guard: Guard,
    log: LogSink,
    /// Becomes true when the service ends.
    stopping: watch::Sender<bool>,
    /// One task for each environment.
    tasks: Mutex<JoinSet<()>>,
}

impl Lambda {
    /// Starts the service. Environments start when there is something to do for them.
    ///
    /// # Errors
    ///
    /// When there is no port for the Runtime API, or no shell to guard the environments.
    pub async fn start(options: LambdaOptions) -> io::Result<Self> {
        let (runtime_api, server) = RuntimeApi::start().await?;
        let service = Arc::new(Service {
            runtime_api,
            guard: Guard::start()?,
            log: options.log,
            stopping: watch::Sender::new(false),
            tasks: Mutex::default(),
        });
        let fleet = |function: Function| {
            let variables = variables::of(&function, &options.environment, &options.binaries);
            let binary = options.binaries.join(&function.binary);
            let name = function.binary.clone();
            let limit = options.max_environments;
            (
                name,
                Fleet::new(function, binary, variables, limit, Arc::clone(&service)),
            )
        };
        let fleets = options.functions.into_iter().map(fleet).collect();
        Ok(Self {
            fleets,
            service,
            runtime_api: server,
        })
    }

    /// Invokes a function and waits for its answer. When the caller stops waiting, the invocation runs on
    /// to its end, as on Lambda.
    ///
    /// # Errors
    ///
    /// When the function fails, does not exist or is throttled, or the event is over [`EVENT_LIMIT`].
    pub async fn invoke(&self, function: &str, event: Bytes) -> Result<Bytes, InvokeError> {
        self.invoke_traced(function, event, &new_trace()).await
    }

    /// As [`Lambda::invoke`], with the trace that the invocation belongs to (`Root=1-...`).
    pub(crate) async fn invoke_traced(
        &self,
        function: &str,
        event: Bytes,
        trace: &str,
    ) -> Result<Bytes, InvokeError> {
        let fleet = self
            .fleets
            .get(function)
            .ok_or_else(|| InvokeError::NotFound(function.to_owned()))?;
        if event.len() > EVENT_LIMIT {
            return Err(InvokeError::RequestTooLarge(event.len()));
        }
        let (reply, answer) = oneshot::channel();
        fleet.dispatch(Invocation::new(event, trace, reply));
        answer.await.unwrap_or(Err(InvokeError::Stopped))
    }

    /// The environments of a function, oldest first; none if there is no such function.
    #[must_use]
    pub fn environments(&self, function: &str) -> Vec<EnvironmentStatus> {
        self.fleets
            .get(function)
            .map(|fleet| fleet.environments())
            .unwrap_or_default()
    }

    /// Kills the environments, those at work too, and returns when none of them is left.
    pub async fn stop(&self) {
        self.service.stopping.send_replace(true);
        let tasks = std::mem::take(&mut *lock(&self.service.tasks));
        tasks.join_all().await;
        self.runtime_api.abort();
        self.service.guard.stop();
    }
}

impl Drop for Lambda {
    fn drop(&mut self) {
        self.service.stopping.send_replace(true);
        self.runtime_api.abort();
    }
}

impl Service {
    fn log(&self, function: &str, text: impl Into<String>) {
        (self.log)(LogLine {
            function: function.to_owned(),
            text: text.into(),
        });
    }
}

/// Locks a mutex whose data is whole at every moment, so that another thread's panic does not matter.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
