//! What becomes of connections when an execution environment does not just serve.

use lambda_http::{BoxFuture, Error, SnapStartResource};

use super::Database;

impl Database {
    /// Closes the connections that are not in use, so that the server does not keep sessions of an
    /// environment that is gone.
    pub async fn disconnect(&self) {
        drop(self.pool.retain(|_, _| false));
        // The sockets close with the connections' tasks, which end when they get a turn.
        tokio::task::yield_now().await;
    }
}

/// A connection does not outlive the snapshot: it would be in every environment that is restored from it.
impl SnapStartResource for Database {
    fn before_snapshot(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async {
            self.disconnect().await;
            Ok(())
        })
    }

    fn after_restore(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async {
            self.warm_up().await;
            Ok(())
        })
    }
}
