//! Development without a cloud account.
//!
//! * [`postgres`]: a private PostgreSQL cluster
//! * [`template`]: what `template.yaml` deploys
//! * [`lambda`]: AWS Lambda, emulated
//! * [`gateway`]: an API Gateway HTTP API, emulated
//! * [`token`]: tokens like those of the frontends
//!
//! [`Server`] combines the template, Lambda and the gateway; `cargo dev` adds PostgreSQL. What the
//! template, the tests and the benchmark use is modelled. Everything else is refused with an error
//! that names it.

pub mod gateway;
mod guard;
pub mod lambda;
pub mod postgres;
mod schedule;
mod server;
pub mod template;
pub mod token;

pub use server::{LogLine, LogSink, Server, ServerOptions};
