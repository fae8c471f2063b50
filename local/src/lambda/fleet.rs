//! The execution environments of one function.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::timeout;

use super::environment::ExecutionEnvironment;
use super::invocation::{InvokeError, InvokeResult, PendingInvocation};
use super::variables::variables;
use super::{EnvironmentStatus, Host};
use crate::template::Function;

/// How long a result is held back until its environment is ready for the next invocation.
const SETTLE_LIMIT: Duration = Duration::from_millis(50);

/// A function, and the environments that it has.
pub(super) struct Fleet {
    pub(super) function: Function,
    pub(super) variables: BTreeMap<String, String>,
    pub(super) host: Arc<Host>,
    /// Every environment by its id, oldest first. Code that locks both locks `idle` first.
    pub(super) all: Mutex<BTreeMap<String, EnvironmentStatus>>,
    /// The environments without an invocation, the one used last at the end.
    pub(super) idle: Mutex<Vec<ExecutionEnvironment>>,
}

impl Fleet {
    pub(super) fn new(function: Function, host: &Arc<Host>) -> Self {
        Self {
            variables: variables(&function, &host.options),
            function,
            host: Arc::clone(host),
            all: Mutex::default(),
            idle: Mutex::default(),
        }
    }

    /// Runs an invocation until its result is there.
    pub(super) async fn run(self: Arc<Self>, invocation: PendingInvocation) -> InvokeResult {
        let mut environment = loop {
            let mut environment = self.idle_or_new().await?;
            if let Err(error) = environment.init(&invocation.request_id).await {
                self.log_init(&error);
                self.retire(environment);
                return Err(error);
            }
            // Else its process has ended before.
            if environment.deliver(&invocation) {
                break environment;
            }
        };
        let result = environment.result().await;
        let tasks = self.host.tasks.clone();
        let end = tasks.spawn(self.end(environment, result.clone()));
        // Callers that come one after the other meet the same environment, as on Lambda, or one
        // that is not ending.
        let _ = timeout(SETTLE_LIMIT, end).await;
        result
    }

    /// Waits until an environment that has sent a result is ready for the next invocation.
    async fn end(self: Arc<Self>, mut environment: ExecutionEnvironment, result: InvokeResult) {
        environment.end(&result).await;
        if environment.is_ready() {
            environment.freeze();
            self.idle.lock().push(environment);
        } else {
            self.retire(environment);
        }
    }

    /// Ends an environment that cannot be reused.
    fn retire(&self, environment: ExecutionEnvironment) {
        self.forget(&environment.id);
        self.host.tasks.spawn(environment.shut_down());
    }

    /// The idle environment that was used last, else a new one.
    async fn idle_or_new(self: &Arc<Self>) -> Result<ExecutionEnvironment, InvokeError> {
        // A separate statement, so that the lock is not held while it thaws.
        let take_idle = || self.idle.lock().pop();
        while let Some(mut environment) = take_idle() {
            if environment.thaw().await {
                return Ok(environment);
            }
        }
        let limit = self.host.options.max_environments;
        let mut all = self.all.lock();
        if all.len() >= limit {
            let reason = format!("Rate Exceeded: all of its {limit} environments are busy");
            self.log(reason);
            return Err(InvokeError::Throttled);
        }
        let environment =
            ExecutionEnvironment::start(self).inspect_err(|error| self.log_init(error))?;
        let status = EnvironmentStatus {
            pid: environment.process.pid,
            frozen: false,
            invocations: 0,
        };
        all.insert(environment.id.clone(), status);
        Ok(environment)
    }

    /// Forgets an environment that is ending.
    pub(super) fn forget(&self, id: &str) {
        self.all.lock().remove(id);
    }

    pub(super) fn environments(&self) -> Vec<EnvironmentStatus> {
        let mut idle = self.idle.lock();
        idle.retain_mut(|environment| !environment.process.has_ended());
        self.all.lock().values().copied().collect()
    }

    fn log_init(&self, error: &InvokeError) {
        self.log(format!("INIT_REPORT Status: {}\t{error}", error.status()));
    }

    pub(super) fn log(&self, text: String) {
        self.host.options.log(&self.function.binary, text);
    }
}
