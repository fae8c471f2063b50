//! What the functions share, in layers. A module imports only from the layers below it, by their
//! paths (`tests/layers.rs` checks this):
//!
//! - [`runtime`] is the wiring: configuration, logging and the loop that takes events from Lambda
//!   and gives each to the operation as an HTTP request;
//! - [`http`] reads requests and writes answers; [`http::Caller`] is the only way to get a session;
//! - [`store`] has every SQL statement, and runs it for one session in one round trip;
//! - [`auth`] verifies tokens;
//! - [`domain`] says what a task is, in types that cannot hold an invalid value;
//! - `net` has TLS and an HTTPS client.
//!
//! `ARCHITECTURE.md` follows a request through them.

pub mod auth;
pub mod domain;
pub mod http;
mod net;
pub mod runtime;
pub mod store;
