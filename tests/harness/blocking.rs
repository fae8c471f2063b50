//! The handlers for property tests, which are not asynchronous.

use tokio::runtime::{Builder, Runtime};

use super::{Handlers, Reply, Request};

/// The handlers, on a runtime of their own.
pub struct BlockingHandlers {
    runtime: Runtime,
    handlers: Handlers,
}

impl BlockingHandlers {
    pub fn start() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let handlers = runtime.block_on(Handlers::start());
        Self { runtime, handlers }
    }

    pub fn send(&self, request: Request) -> Reply {
        self.runtime.block_on(self.handlers.send(request))
    }
}
