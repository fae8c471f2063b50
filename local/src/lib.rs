//! Development without a cloud account.
//!
//! * [`postgres`]: a private PostgreSQL cluster
//! * [`template`]: what `template.yaml` deploys
//! * [`lambda`]: AWS Lambda, emulated
//! * [`gateway`]: an API Gateway HTTP API, emulated
//! * [`token`]: tokens as the frontends get them
//!
//! [`Server`] puts the template, Lambda and the gateway together; `cargo dev` adds PostgreSQL.

pub mod gateway;
pub mod lambda;
pub mod postgres;
mod server;
pub mod template;
pub mod token;

pub use server::{Server, ServerOptions};
