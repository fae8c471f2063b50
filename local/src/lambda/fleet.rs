//! The execution environments of one function.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::environment::ExecutionEnvironment;
use super::error::FunctionError;
use super::pending::PendingInvocation;
use super::variables::variables;
use super::{EnvironmentStatus, Host, InvokeError, lock};
use crate::template::Function;

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

    /// Runs an invocation to its end, even if its caller stops waiting.
    pub(super) async fn run(self: Arc<Self>, mut pending: PendingInvocation) {
        let mut stopping = self.host.stopping.subscribe();
        let mut environment = None;
        tokio::select! {
            biased;
            // An error means that the emulator is gone.
            _ = stopping.wait_for(|stopping| *stopping) => {}
            () = self.invoke(&mut pending, &mut environment) => {}
        }
        // An environment that is left here cannot be reused.
        if let Some(environment) = environment {
            environment.shut_down().await;
        }
    }

    async fn invoke(
        self: &Arc<Self>,
        pending: &mut PendingInvocation,
        slot: &mut Option<ExecutionEnvironment>,
    ) {
        loop {
            let environment = match self.idle_or_new().await {
                Ok(environment) => slot.insert(environment),
                Err(error) => return pending.reply(Err(error)),
            };
            if let Err(error) = environment.init(&pending.request_id).await {
                self.log_init(&error);
                self.forget(&environment.id);
                return pending.reply(Err(error.into()));
            }
            let Some(result) = environment.invoke(pending).await else {
                *slot = None;
                continue;
            };
            // Before the caller gets the result, so that their next call gets this environment, or
            // one that is not ending.
            if environment.is_ready() {
                environment.freeze();
                lock(&self.idle).extend(slot.take());
            } else {
                self.forget(&environment.id);
            }
            return pending.reply(result);
        }
    }

    /// The idle environment that was used last, else a new one.
    async fn idle_or_new(self: &Arc<Self>) -> Result<ExecutionEnvironment, InvokeError> {
        // A separate statement, so that the lock is not held while it thaws.
        let take_idle = || lock(&self.idle).pop();
        while let Some(mut environment) = take_idle() {
            if environment.thaw().await {
                return Ok(environment);
            }
        }
        let limit = self.host.options.max_environments;
        let mut all = lock(&self.all);
        if all.len() >= limit {
            self.log(format!(
                "Rate Exceeded: all of its {limit} environments are busy"
            ));
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
        lock(&self.all).remove(id);
    }

    pub(super) fn environments(&self) -> Vec<EnvironmentStatus> {
        lock(&self.idle).retain_mut(|environment| !environment.process.has_ended());
        lock(&self.all).values().copied().collect()
    }

    fn log_init(&self, error: &FunctionError) {
        let (kind, message) = (&error.error_type, &error.message);
        self.log(format!(
            "INIT_REPORT Status: error\tError Type: {kind}\t{message}"
        ));
    }

    pub(super) fn log(&self, text: String) {
        self.host.options.log(&self.function.binary, text);
    }
}
