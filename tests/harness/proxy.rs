//! A TCP proxy between functions and PostgreSQL (or another server) that counts what goes through, and can lose an answer.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::Database;

/// After this long without a word, PostgreSQL has said everything.
const SILENCE: Duration = Duration::from_millis(200);

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
    lose_next_answer: AtomicBool,
    patient: AtomicBool,
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
                tokio::spawn(requests(from_client, to_server, Arc::clone(&counts)));
                tokio::spawn(answers(from_server, to_client, Arc::clone(&counts)));
            }
        });
        proxy
    }

    /// The address of the same database, through the proxy.
    pub fn url(&self, database: &Database) -> String {
        database.url().replace(&format!(":{}/", database.port()), &format!(":{}/", self.port))
    }

    /// The address of a web server, through the proxy.
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// PostgreSQL will do the next statement, but nobody will know: the connection ends in place of the answer.
    pub fn lose_next_answer(&self) {
        self.counts.lose_next_answer.store(true, Ordering::SeqCst);
    }

    /// From now on, answers are held back until the client has said everything: a request is one round trip also when
    /// it is long, and PostgreSQL answers its beginning before its end has come.
    pub fn be_patient(&self) {
        self.counts.patient.store(true, Ordering::SeqCst);
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

async fn requests(mut client: OwnedReadHalf, mut server: OwnedWriteHalf, counts: Arc<Counts>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = client.read(&mut buffer).await {
        counts.client_spoke();
        if server.write_all(&buffer[..length]).await.is_err() {
            break;
        }
    }
}

async fn answers(mut server: OwnedReadHalf, mut client: OwnedWriteHalf, counts: Arc<Counts>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = server.read(&mut buffer).await {
        let mut answer = buffer[..length].to_vec();
        if counts.patient.load(Ordering::SeqCst) {
            until_silence(&mut server, &mut answer, &counts).await;
        }
        counts.server_spoke();
        if counts.lose_next_answer.swap(false, Ordering::SeqCst) {
            // Until the server has said everything, hence done everything.
            while let Ok(Ok(1..)) = timeout(SILENCE, server.read(&mut buffer)).await {}
            break;
        }
        if client.write_all(&answer).await.is_err() {
            break;
        }
    }
}

/// Reads on until neither side says anything more.
async fn until_silence(server: &mut OwnedReadHalf, answer: &mut Vec<u8>, counts: &Counts) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let flushes = counts.flushes.load(Ordering::SeqCst);
        match timeout(SILENCE, server.read(&mut buffer)).await {
            Ok(Ok(length @ 1..)) => answer.extend(&buffer[..length]),
            Err(_) if counts.flushes.load(Ordering::SeqCst) != flushes => {}
            _ => return,
        }
    }
}
