//! The network: TLS, the requests that the functions make themselves, and the age of what came from
//! there. Imports nothing of ours.

mod chain;
mod https;
mod moment;
mod tls;

pub(crate) use chain::Chain;
pub(crate) use https::HttpsClient;
pub(crate) use moment::Moment;
pub(crate) use tls::Tls;
