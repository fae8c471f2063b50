//! A proxy before PostgreSQL that is as far away as it is told, and counts what goes through.
//!
//! Threads that sleep, no timers of Tokio: those count in whole milliseconds.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

/// A proxy that lasts as long as this program.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    counts: Arc<Counts>,
}

/// What went through.
#[derive(Debug, Default, Eq, PartialEq)]
pub(crate) struct Traffic {
    /// How often the client spoke after the server had, or first.
    pub(crate) round_trips: usize,
    pub(crate) bytes_sent: usize,
    pub(crate) bytes_received: usize,
}

#[derive(Default)]
struct Counts {
    round_trips: AtomicUsize,
    sent: AtomicUsize,
    received: AtomicUsize,
    /// Whether the client spoke last.
    is_asked: AtomicBool,
}

impl Proxy {
    /// Listens, and passes everything on to `port`, half a `round_trip` later each way; connecting takes one.
    pub(crate) fn start(port: u16, round_trip: Duration) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let proxy = Self {
            port: listener.local_addr()?.port(),
            counts: Arc::default(),
        };
        let counts = Arc::clone(&proxy.counts);
        spawn(move || {
            for client in listener.incoming().flatten() {
                // A connection that fails ends; its client will tell.
                let _ = connect(client, port, round_trip, &counts);
            }
        });
        Ok(proxy)
    }

    /// What went through since the last call.
    pub(crate) fn take(&self) -> Traffic {
        self.counts.is_asked.store(false, Ordering::SeqCst);
        let [round_trips, bytes_sent, bytes_received] = [
            &self.counts.round_trips,
            &self.counts.sent,
            &self.counts.received,
        ]
        .map(|count| count.swap(0, Ordering::SeqCst));
        Traffic {
            round_trips,
            bytes_sent,
            bytes_received,
        }
    }
}

impl Counts {
    fn client_spoke(&self, bytes: usize) {
        self.sent.fetch_add(bytes, Ordering::SeqCst);
        if !self.is_asked.swap(true, Ordering::SeqCst) {
            self.round_trips.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn server_spoke(&self, bytes: usize) {
        self.received.fetch_add(bytes, Ordering::SeqCst);
        self.is_asked.store(false, Ordering::SeqCst);
    }
}

fn connect(
    client: TcpStream,
    port: u16,
    round_trip: Duration,
    counts: &Arc<Counts>,
) -> io::Result<()> {
    let server = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    for stream in [&client, &server] {
        stream.set_nodelay(true)?;
    }
    let (from_client, from_server) = (client.try_clone()?, server.try_clone()?);
    // The handshake of TCP, which the kernel did at once: nothing arrives before it would have ended.
    let connected = Instant::now() + round_trip;
    let (asking, answering) = (Arc::clone(counts), Arc::clone(counts));
    pass(
        from_client,
        server,
        connected,
        round_trip / 2,
        move |bytes| asking.client_spoke(bytes),
    );
    pass(
        from_server,
        client,
        connected,
        round_trip / 2,
        move |bytes| answering.server_spoke(bytes),
    );
    Ok(())
}

/// Reads here and writes there, `late`, in two threads: what is on its way does not hold up what comes after it.
fn pass(
    mut from: TcpStream,
    mut to: TcpStream,
    connected: Instant,
    late: Duration,
    heard: impl Fn(usize) + Send + 'static,
) {
    let (sender, pieces) = mpsc::channel::<(Instant, Vec<u8>)>();
    spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            heard(length);
            let due = Instant::now().max(connected) + late;
            if sender.send((due, buffer[..length].to_vec())).is_err() {
                return;
            }
        }
    });
    spawn(move || {
        for (due, piece) in pieces {
            if let Some(wait) = due
                .checked_duration_since(Instant::now())
                .filter(|_| !late.is_zero())
            {
                sleep(wait);
            }
            if to.write_all(&piece).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
}
