//! What goes wrong between functions and their database, each time twice: with PostgreSQL itself, and with PgBouncer in
//! front of it as at Neon. While it lasts a client gets its answer or 503, soon; afterwards the next request succeeds.

mod deployment;
mod environments;
mod network;
mod servers;
mod statements;
mod tls;
mod trial;
mod workload;

pub use deployment::{Deployment, Path, Sizes};

/// A test of each fault by both paths.
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
