//! The life of one execution environment.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;

use super::EnvironmentStatus;
use super::error::FunctionError;
use super::fleet::Fleet;
use super::invocation::Invocation;
use super::report::{Report, max_memory};
use super::sandbox::{Finished, Poll, Sandbox};

/// The way to an environment.
pub(super) struct Handle {
    invocations: mpsc::UnboundedSender<Invocation>,
    /// 0 before it is started.
    pid: AtomicU32,
    is_frozen: AtomicBool,
    count: AtomicU64,
}

impl Handle {
    /// Gives it an invocation, which comes back if it has ended.
    pub(super) fn assign(&self, invocation: Invocation) -> Result<(), Invocation> {
        self.invocations.send(invocation).map_err(|error| error.0)
    }

    pub(super) fn status(&self) -> EnvironmentStatus {
        EnvironmentStatus {
            pid: self.pid.load(Ordering::Relaxed),
            frozen: self.is_frozen.load(Ordering::Relaxed),
            invocations: self.count.load(Ordering::Relaxed),
        }
    }
}

/// An environment: it is made for an invocation, and lives until its process ends or the service stops.
pub(super) struct Environment {
    fleet: Arc<Fleet>,
    handle: Arc<Handle>,
    invocations: mpsc::UnboundedReceiver<Invocation>,
    sandbox: Option<Sandbox>,
}

impl Environment {
    pub(super) fn new(fleet: Arc<Fleet>) -> (Arc<Handle>, Self) {
        let (sender, invocations) = mpsc::unbounded_channel();
        let handle = Arc::new(Handle {
            invocations: sender,
            pid: AtomicU32::new(0),
            is_frozen: AtomicBool::new(false),
            count: AtomicU64::new(0),
        });
        (
            Arc::clone(&handle),
            Self {
                fleet,
                handle,
                invocations,
                sandbox: None,
            },
        )
    }

    /// Lives, beginning with the invocation that it was made for.
    pub(super) async fn run(mut self, first: Invocation) {
        let mut stopping = self.fleet.service.stopping.subscribe();
        tokio::select! {
            // An error means that the service is gone.
            _ = stopping.wait_for(|stopping| *stopping) => {}
            () = self.live(first) => {}
        }
        self.fleet.remove(&self.handle);
        if let Some(sandbox) = self.sandbox.take() {
            sandbox.shut_down().await;
        }
        // It may have been given one as its process ended.
        self.invocations.close();
        while let Ok(invocation) = self.invocations.try_recv() {
            self.fleet.dispatch(invocation);
        }
    }

    async fn live(&mut self, first: Invocation) {
        let mut invocation = first;
        let Some((mut poll, mut init)) = self.init(&mut invocation).await else {
            return;
        };
        loop {
            let Some(sandbox) = &mut self.sandbox else {
                return;
            };
            self.handle.count.fetch_add(1, Ordering::Relaxed);
            let Some(finished) = sandbox.invoke(&mut invocation, poll).await else {
                self.fleet.remove(&self.handle);
                return self.fleet.dispatch(invocation);
            };
            poll = match self.finish(&mut invocation, finished, init.take()) {
                Some(poll) => poll,
                None => return,
            };
            invocation = match self.rest().await {
                Some(invocation) => invocation,
                None => return,
            };
        }
    }

    /// Starts the process and waits for its first poll. Gives the poll and how long it took.
    async fn init(&mut self, invocation: &mut Invocation) -> Option<(Poll, Option<Duration>)> {
        let started = Sandbox::start(&self.fleet).map_err(|error| {
            let message = format!("Error: {}: {error}", self.fleet.binary.display());
            FunctionError::new("Runtime.InvalidEntrypoint", message)
        });
        let result = match started {
            Ok(sandbox) => {
                self.handle
                    .pid
                    .store(sandbox.process.pid(), Ordering::Relaxed);
                self.sandbox
                    .insert(sandbox)
                    .init(&invocation.request_id)
                    .await
            }
            Err(error) => Err(error),
        };
        match result {
            Ok(poll) => {
                let took = self
                    .sandbox
                    .as_ref()
                    .map(|sandbox| sandbox.process.started.elapsed());
                Some((poll, took))
            }
            Err(error) => {
                self.log(format!(
                    "INIT_REPORT Status: error\tError Type: {}\t{}",
                    error.error_type, error.message
                ));
                self.fleet.remove(&self.handle);
                invocation.reply(Err(error.into()));
                None
            }
        }
    }

    /// Logs how an invocation went, makes the environment ready for the next one, and answers the caller,
    /// in this order: who calls again finds this environment.
    fn finish(
        &self,
        invocation: &mut Invocation,
        finished: Finished,
        init: Option<Duration>,
    ) -> Option<Poll> {
        let sandbox = self.sandbox.as_ref()?;
        sandbox.process.drain();
        if let Err(error) = &finished.outcome {
            self.log(error.to_string());
        }
        let report = Report {
            request_id: &invocation.request_id,
            duration: finished.duration,
            init,
            memory_size: self.fleet.function.memory_size,
            max_memory: max_memory(sandbox.process.pid()),
            status: finished.status,
        };
        self.log(report.to_string());
        if finished.poll.is_some() {
            sandbox.process.freeze();
            self.handle.is_frozen.store(true, Ordering::Relaxed);
            self.fleet.rest(&self.handle);
        } else {
            self.fleet.remove(&self.handle);
        }
        invocation.reply(finished.outcome);
        finished.poll
    }

    /// Stays frozen until the next invocation. None when the process has ended.
    async fn rest(&mut self) -> Option<Invocation> {
        let sandbox = self.sandbox.as_mut()?;
        let invocation = tokio::select! {
            biased;
            () = sandbox.ended() => None,
            invocation = self.invocations.recv() => invocation,
        }?;
        if !sandbox.has_survived().await {
            self.fleet.remove(&self.handle);
            self.fleet.dispatch(invocation);
            return None;
        }
        self.handle.is_frozen.store(false, Ordering::Relaxed);
        sandbox.process.thaw();
        Some(invocation)
    }

    fn log(&self, text: String) {
        self.fleet.service.log(&self.fleet.function.binary, text);
    }
}
