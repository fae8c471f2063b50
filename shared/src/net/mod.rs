//! The network: TLS, and the requests that the functions make themselves. Imports nothing of ours.

mod chain;
mod https;
mod tls;

pub(crate) use chain::Chain;
pub(crate) use https::HttpsClient;
pub(crate) use tls::Tls;
