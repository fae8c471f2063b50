//! One connection through a proxy: each direction reads, waits and writes on its own, so that a
//! piece that is still on its way does not hold up the next one.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use super::meter::Meter;
use super::network::{self, Link};

/// PostgreSQL has finished answering when it has been silent for this long.
const SILENCE: Duration = Duration::from_millis(200);

/// Bytes, and when they arrive if nothing else holds them up.
type Piece = (Instant, Vec<u8>);

/// Passes on what either side sends, until one of them ends the connection or the network resets
/// it.
pub(super) async fn open(client: TcpStream, port: u16, meter: Arc<Meter>, link: Link) {
    if link.is_refused() {
        network::abort(&client);
        return;
    }
    // Without a server the client's connection ends, as it would with the server itself.
    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await else {
        return;
    };
    for stream in [&client, &server] {
        // Fails when the other side has ended the connection already; reading finds out.
        let _ = stream.set_nodelay(true);
    }
    // The kernel has already done TCP's handshake. Nothing arrives before it would have ended.
    let opened = Instant::now() + link.round_trip();
    let ((from_client, to_client), (from_server, to_server)) =
        (client.into_split(), server.into_split());
    let requests = Direction {
        meter: Arc::clone(&meter),
        link: link.clone(),
        opened,
    };
    let answers = Direction {
        meter,
        link,
        opened,
    };
    tokio::spawn(requests.carry(from_client, to_server, true));
    tokio::spawn(answers.carry(from_server, to_client, false));
}

/// One direction of a connection.
struct Direction {
    meter: Arc<Meter>,
    link: Link,
    /// When the connection is open, as far as the two sides know.
    opened: Instant,
}

impl Direction {
    async fn carry(mut self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf, is_client: bool) {
        let (sender, pieces) = unbounded_channel();
        let writing = deliver(self.link.clone(), pieces, &mut to);
        let reading = async {
            if is_client {
                self.read_requests(&mut from, sender).await;
            } else {
                self.read_answers(&mut from, sender).await;
            }
            // Writing ends when it has delivered what was read.
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = writing => {}
            () = reading => {}
        }
        self.link.close(&from, to);
    }

    async fn read_requests(&mut self, client: &mut OwnedReadHalf, sender: UnboundedSender<Piece>) {
        let mut buffer = vec![0; 64 * 1024];
        while let Some(length @ 1..) = self.link.read(client, &mut buffer).await {
            self.meter.client_spoke(length);
            if sender
                .send((self.due(), buffer[..length].to_vec()))
                .is_err()
            {
                break;
            }
        }
    }

    async fn read_answers(&mut self, server: &mut OwnedReadHalf, sender: UnboundedSender<Piece>) {
        let mut buffer = vec![0; 64 * 1024];
        while let Some(length @ 1..) = self.link.read(server, &mut buffer).await {
            let mut answer = buffer[..length].to_vec();
            if self.meter.is_patient.load(Ordering::SeqCst) {
                read_until_silence(server, &mut answer, &self.meter).await;
            }
            self.meter.server_spoke(answer.len());
            if self.meter.lose_next_answer.swap(false, Ordering::SeqCst) {
                // When the server has finished answering, it has done everything.
                while let Ok(Ok(1..)) = timeout(SILENCE, server.read(&mut buffer)).await {}
                break;
            }
            if sender.send((self.due(), answer)).is_err() {
                break;
            }
        }
    }

    /// When what is sent now arrives.
    fn due(&self) -> Instant {
        Instant::now().max(self.opened) + self.link.round_trip() / 2
    }
}

async fn deliver(mut link: Link, mut pieces: UnboundedReceiver<Piece>, to: &mut OwnedWriteHalf) {
    while let Some((due, piece)) = pieces.recv().await {
        if link.write(to, due, &piece).await.is_none() {
            break;
        }
    }
}

/// Reads on until neither side says anything more.
async fn read_until_silence(server: &mut OwnedReadHalf, answer: &mut Vec<u8>, meter: &Meter) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let flushes = meter.flushes.load(Ordering::SeqCst);
        match timeout(SILENCE, server.read(&mut buffer)).await {
            Ok(Ok(length @ 1..)) => answer.extend(&buffer[..length]),
            Err(_) if meter.flushes.load(Ordering::SeqCst) != flushes => {}
            _ => return,
        }
    }
}
