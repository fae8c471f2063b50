//! The network: TLS, the functions' own requests, errors for the log, and the age of what was
//! received. Imports nothing of ours.

mod chain;
mod https;
mod moment;
mod tls;

pub(crate) use chain::Chain;
pub(crate) use https::HttpsClient;
pub(crate) use moment::Moment;
pub(crate) use tls::Tls;
