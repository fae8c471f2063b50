//! What a network does to connections.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::watch;
use tokio::time::sleep;

/// The state of the network, for all connections.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Network {
    pub(super) is_silent: bool,
    pub(super) is_refusing: bool,
    /// How much longer a round trip takes.
    pub(super) round_trip: Duration,
    pub(super) bytes_per_second: Option<u32>,
    /// How often all connections were reset.
    pub(super) resets: usize,
    /// How often all connections were forgotten.
    pub(super) losses: usize,
}

/// The network as one connection sees it.
#[derive(Clone)]
pub(super) struct Link {
    network: watch::Receiver<Network>,
    /// The counts when the connection was made.
    resets: usize,
    losses: usize,
}

impl Link {
    pub(super) fn new(network: &watch::Sender<Network>) -> Self {
        let network = network.subscribe();
        let Network { resets, losses, .. } = *network.borrow();
        Self {
            network,
            resets,
            losses,
        }
    }

    pub(super) fn is_refused(&self) -> bool {
        self.network.borrow().is_refusing
    }

    pub(super) fn round_trip(&self) -> Duration {
        self.network.borrow().round_trip
    }

    /// Reads what was sent; `None` if the connection is reset or broken.
    pub(super) async fn read(
        &mut self,
        from: &mut OwnedReadHalf,
        buffer: &mut [u8],
    ) -> Option<usize> {
        tokio::select! {
            length = from.read(buffer) => length.ok(),
            () = self.is_reset() => None,
        }
    }

    /// Delivers bytes at `due`, or when the network lets them through; `None` if the connection is
    /// reset or broken.
    pub(super) async fn write(
        &mut self,
        to: &mut OwnedWriteHalf,
        due: Instant,
        bytes: &[u8],
    ) -> Option<()> {
        let mut reset = self.clone();
        tokio::select! {
            written = async {
                wait_until(due).await;
                self.pass(bytes.len()).await?;
                to.write_all(bytes).await.ok()
            } => written,
            () = reset.is_reset() => None,
        }
    }

    /// Ends the connection as the other side of it ended: with FIN, or with RST.
    pub(super) fn close(&self, from: &OwnedReadHalf, to: OwnedWriteHalf) {
        if self.network.borrow().resets != self.resets {
            abort(from.as_ref());
            // Dropping it would send FIN first.
            to.forget();
        }
    }

    /// Waits while the network delivers nothing, and for as long as that many bytes take.
    async fn pass(&mut self, length: usize) -> Option<()> {
        let losses = self.losses;
        let delivers = |network: &Network| !network.is_silent && network.losses == losses;
        let network = *self.network.wait_for(delivers).await.ok()?;
        if let Some(rate) = network.bytes_per_second {
            #[expect(clippy::cast_precision_loss, reason = "at most the length of a buffer")]
            sleep(Duration::from_secs_f64(length as f64 / f64::from(rate))).await;
        }
        Some(())
    }

    async fn is_reset(&mut self) {
        let resets = self.resets;
        if self
            .network
            .wait_for(|network| network.resets != resets)
            .await
            .is_err()
        {
            // Without a proxy, nothing resets it.
            std::future::pending::<()>().await;
        }
    }
}

/// Tokio's timers count whole milliseconds and round up. A thread sleeps the rest, to a tenth of a
/// millisecond.
async fn wait_until(due: Instant) {
    const COARSE: Duration = Duration::from_millis(2);
    let wait = due.saturating_duration_since(Instant::now());
    if wait > COARSE {
        sleep(wait.saturating_sub(COARSE)).await;
    }
    let rest = due.saturating_duration_since(Instant::now());
    if !rest.is_zero() {
        // Fails only when the runtime ends.
        let _ = tokio::task::spawn_blocking(move || std::thread::sleep(rest)).await;
    }
}

/// Makes the connection end with RST instead of FIN.
pub(super) fn abort(stream: &TcpStream) {
    // Fails when the other side has ended it already.
    let _ = stream.set_zero_linger();
}
