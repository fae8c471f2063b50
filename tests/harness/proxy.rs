//! A TCP proxy between functions and PostgreSQL that counts what goes through.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// A proxy that runs until the test's runtime ends.
pub struct Proxy {
    port: u16,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    /// How often the client spoke after the server had: each is a round trip.
    round_trips: AtomicUsize,
    /// How many pieces the client sent, as they came from the socket.
    flushes: AtomicUsize,
    server_spoke: AtomicBool,
}

impl Proxy {
    pub async fn to(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let proxy = Self { port: listener.local_addr().unwrap().port(), counts: Arc::default() };
        let counts = Arc::clone(&proxy.counts);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
                server.set_nodelay(true).unwrap();
                let ((from_client, to_client), (from_server, to_server)) =
                    (client.into_split(), server.into_split());
                tokio::spawn(pump(from_client, to_server, Arc::clone(&counts), Counts::client_spoke));
                tokio::spawn(pump(from_server, to_client, Arc::clone(&counts), Counts::server_spoke));
            }
        });
        proxy
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Round trips and flushes since the last call.
    pub fn take(&self) -> (usize, usize) {
        self.counts.server_spoke.store(true, Ordering::SeqCst);
        (self.counts.round_trips.swap(0, Ordering::SeqCst), self.counts.flushes.swap(0, Ordering::SeqCst))
    }
}

impl Counts {
    fn client_spoke(&self) {
        self.flushes.fetch_add(1, Ordering::SeqCst);
        if self.server_spoke.swap(false, Ordering::SeqCst) {
            self.round_trips.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn server_spoke(&self) {
        self.server_spoke.store(true, Ordering::SeqCst);
    }
}

async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, counts: Arc<Counts>, spoke: fn(&Counts)) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        spoke(&counts);
        if to.write_all(&buffer[..length]).await.is_err() {
            break;
        }
    }
}
