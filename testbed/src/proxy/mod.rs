//! A TCP proxy in front of PostgreSQL (or of another server on this machine). It counts what
//! passes, can lose an answer, and does what networks do.

mod connection;
mod meter;
mod network;

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;

use meter::Meter;
pub use meter::Traffic;
use network::{Link, Network};

/// A proxy. It runs until the Tokio runtime ends.
pub struct Proxy {
    port: u16,
    meter: Arc<Meter>,
    network: watch::Sender<Network>,
}

impl Proxy {
    /// Listens on a free port of 127.0.0.1, and passes everything on to `port`.
    ///
    /// # Errors
    ///
    /// When there is no free port.
    pub async fn start(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let proxy = Self {
            port: listener.local_addr()?.port(),
            meter: Arc::default(),
            network: watch::Sender::default(),
        };
        let (meter, network) = (Arc::clone(&proxy.meter), proxy.network.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let link = Link::new(&network);
                tokio::spawn(connection::open(client, port, Arc::clone(&meter), link));
            }
        });
        Ok(proxy)
    }

    /// Its own port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL of a server on 127.0.0.1, changed to go through the proxy.
    #[must_use]
    pub fn through(&self, url: &str) -> String {
        let Some((before, after)) = url.split_once("127.0.0.1:") else {
            return url.to_owned();
        };
        let path = after.trim_start_matches(|char: char| char.is_ascii_digit());
        format!("{before}127.0.0.1:{}{path}", self.port)
    }

    /// What has passed since the last call.
    #[must_use]
    pub fn take(&self) -> Traffic {
        self.meter.take()
    }

    /// Loses the server's next answer: the server does what it was asked, but the connection ends
    /// before the client knows.
    pub fn lose_next_answer(&self) {
        self.meter.lose_next_answer.store(true, Ordering::SeqCst);
    }

    /// From now on, holds answers back until the client has finished sending. A long request then
    /// counts as one round trip, although PostgreSQL answers its beginning before its end has
    /// arrived.
    pub fn be_patient(&self) {
        self.meter.is_patient.store(true, Ordering::SeqCst);
    }

    /// Ends all connections with RST.
    pub fn reset(&self) {
        self.network.send_modify(|network| network.resets += 1);
    }

    /// Forgets all connections silently, as a NAT gateway does: nothing ever arrives on them again.
    pub fn forget(&self) {
        self.network.send_modify(|network| network.losses += 1);
    }

    /// Delivers nothing while this is on; what was sent meanwhile arrives afterwards.
    pub fn set_silent(&self, is_silent: bool) {
        self.network
            .send_modify(|network| network.is_silent = is_silent);
    }

    /// Refuses new connections while this is on.
    pub fn set_refusing(&self, is_refusing: bool) {
        self.network
            .send_modify(|network| network.is_refusing = is_refusing);
    }

    /// Makes each round trip take this much longer, including the one that opens a connection.
    pub fn set_latency(&self, round_trip: Duration) {
        self.network
            .send_modify(|network| network.round_trip = round_trip);
    }

    /// Delivers at most this many bytes a second, in each direction of each connection.
    pub fn set_bandwidth(&self, bytes_per_second: Option<u32>) {
        self.network
            .send_modify(|network| network.bytes_per_second = bytes_per_second);
    }
}

#[cfg(test)]
mod tests;
