//! The execution environments of one function.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::environment::{Environment, Handle};
use super::invocation::Invocation;
use super::{EnvironmentStatus, InvokeError, Service, lock};
use crate::template::Function;

/// A function, and the environments that it has.
pub(super) struct Fleet {
    pub(super) function: Function,
    pub(super) binary: PathBuf,
    pub(super) variables: BTreeMap<String, String>,
    pub(super) service: Arc<Service>,
    /// The most environments.
    limit: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    all: Vec<Arc<Handle>>,
    /// Those without an invocation, the one used last at the end.
    idle: Vec<Arc<Handle>>,
}

impl Fleet {
    pub(super) fn new(
        function: Function,
        binary: PathBuf,
        variables: BTreeMap<String, String>,
        limit: usize,
        service: Arc<Service>,
    ) -> Arc<Self> {
        Arc::new(Self {
            function,
            binary,
            variables,
            service,
            limit,
            state: Mutex::default(),
        })
    }

    /// Gives the invocation to an idle environment, else to a new one.
    pub(super) fn dispatch(self: &Arc<Self>, mut invocation: Invocation) {
        let mut state = lock(&self.state);
        while let Some(handle) = state.idle.pop() {
            match handle.assign(invocation) {
                Ok(()) => return,
                // It has just ended.
                Err(returned) => invocation = returned,
            }
        }
        if *self.service.stopping.borrow() {
            invocation.reply(Err(InvokeError::Stopped));
        } else if state.all.len() >= self.limit {
            let message = format!(
                "Rate Exceeded: all of its {} environments are at work",
                self.limit
            );
            self.service.log(&self.function.binary, message);
            invocation.reply(Err(InvokeError::Throttled));
        } else {
            let (handle, environment) = Environment::new(Arc::clone(self));
            state.all.push(handle);
            let mut tasks = lock(&self.service.tasks);
            while tasks.try_join_next().is_some() {}
            tasks.spawn(environment.run(invocation));
        }
    }

    /// Takes an environment that has nothing to do.
    pub(super) fn rest(&self, handle: &Arc<Handle>) {
        lock(&self.state).idle.push(Arc::clone(handle));
    }

    /// Forgets an environment that has ended.
    pub(super) fn remove(&self, handle: &Arc<Handle>) {
        let mut state = lock(&self.state);
        state.all.retain(|other| !Arc::ptr_eq(other, handle));
        state.idle.retain(|other| !Arc::ptr_eq(other, handle));
    }

    pub(super) fn environments(&self) -> Vec<EnvironmentStatus> {
        lock(&self.state)
            .all
            .iter()
            .map(|handle| handle.status())
            .collect()
    }
}
