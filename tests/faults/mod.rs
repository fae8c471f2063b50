//! Faults between functions and their database. Each is tried twice: with PostgreSQL alone, and
//! with PgBouncer in front of it as at Neon. During a fault, a client soon gets its answer or 503;
//! afterwards, the next request succeeds.

mod deployment;
mod environments;
mod network;
mod servers;
mod statements;
mod tls;
mod trial;
mod workload;

pub use deployment::{Deployment, Path, Sizes};

/// Makes two tests of each fault, one for each path.
macro_rules! by_both_paths {
    ($($fault:ident),* $(,)?) => {
        mod direct {
            $(#[tokio::test]
            async fn $fault() {
                super::$fault(super::Path::Direct).await;
            })*
        }

        mod pooled {
            $(#[tokio::test]
            async fn $fault() {
                if crate::harness::have(&["pgbouncer"]) {
                    super::$fault(super::Path::Pooled).await;
                }
            })*
        }
    };
}
pub(crate) use by_both_paths;
