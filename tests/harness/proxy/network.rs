//! What a network does to connections.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::watch;
use tokio::time::sleep;

use super::Proxy;

/// The state of the network, for all connections.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// Nothing arrives; what was sent arrives when this is over.
    silent: bool,
    /// New connections are refused.
    refusing: bool,
    /// How long an answer takes longer.
    delay: Duration,
    /// How much arrives, in each direction of each connection.
    bytes_per_second: Option<u32>,
    /// How often all connections were reset.
    resets: usize,
    /// How often all connections were forgotten.
    losses: usize,
}

impl Proxy {
    /// Ends all connections with RST.
    pub fn reset(&self) {
        self.network.send_modify(|network| network.resets += 1);
    }

    /// Forgets all connections without telling anybody, as a NAT gateway does: nothing ever arrives on them again.
    pub fn forget(&self) {
        self.network.send_modify(|network| network.losses += 1);
    }

    /// Delivers nothing while this is on.
    pub fn set_silent(&self, silent: bool) {
        self.network.send_modify(|network| network.silent = silent);
    }

    /// Refuses new connections while this is on.
    pub fn set_refusing(&self, refusing: bool) {
        self.network
            .send_modify(|network| network.refusing = refusing);
    }

    /// Makes each round trip take this much longer.
    pub fn set_latency(&self, latency: Duration) {
        self.network.send_modify(|network| network.delay = latency);
    }

    /// Delivers at most so many bytes in a second, in each direction of each connection.
    pub fn set_bandwidth(&self, bytes_per_second: Option<u32>) {
        self.network
            .send_modify(|network| network.bytes_per_second = bytes_per_second);
    }
}

/// The network as one connection meets it.
#[derive(Clone)]
pub(super) struct Link {
    network: watch::Receiver<Network>,
    /// As they were when the connection was made.
    resets: usize,
    losses: usize,
}

impl Link {
    pub(super) fn of(network: &watch::Sender<Network>) -> Self {
        let network = network.subscribe();
        let (resets, losses) = (network.borrow().resets, network.borrow().losses);
        Self {
            network,
            resets,
            losses,
        }
    }

    pub(super) fn is_refused(&self) -> bool {
        self.network.borrow().refusing
    }

    /// What was sent; none when the connection is reset or broken.
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

    /// Delivers what was sent, when the network lets it through; none when the connection is reset or broken.
    pub(super) async fn write(&mut self, to: &mut OwnedWriteHalf, bytes: &[u8]) -> Option<()> {
        let mut reset = self.clone();
        tokio::select! {
            written = async { self.delay(bytes.len()).await?; to.write_all(bytes).await.ok() } => written,
            () = reset.is_reset() => None,
        }
    }

    /// Ends the connection as it ended: well, or by a reset.
    pub(super) fn close(&self, from: &OwnedReadHalf, to: OwnedWriteHalf) {
        if self.was_reset() {
            abort(from.as_ref());
            // Dropping it would say a polite goodbye first.
            to.forget();
        }
    }

    async fn delay(&mut self, length: usize) -> Option<()> {
        let losses = self.losses;
        let delivers = |network: &Network| !network.silent && network.losses == losses;
        let network = self.network.wait_for(delivers).await.ok()?.clone();
        let rate = network.bytes_per_second.map_or(f64::INFINITY, f64::from);
        #[expect(clippy::cast_precision_loss, reason = "at most the length of a buffer")]
        let transfer = Duration::from_secs_f64(length as f64 / rate);
        // Half of a round trip in each direction. Tokio's clock counts milliseconds, and rounds up.
        let wait = network.delay / 2 + transfer;
        if !wait.is_zero() {
            sleep(wait).await;
        }
        Some(())
    }

    fn was_reset(&self) -> bool {
        self.network.borrow().resets != self.resets
    }

    async fn is_reset(&mut self) {
        let resets = self.resets;
        // Without a proxy there is nobody to reset it.
        if self
            .network
            .wait_for(|network| network.resets != resets)
            .await
            .is_err()
        {
            std::future::pending::<()>().await;
        }
    }
}

/// Makes the end of a connection a reset: RST in place of FIN.
pub(super) fn abort(stream: &TcpStream) {
    // Fails when the other side has ended it already.
    let _ = stream.set_zero_linger();
}
