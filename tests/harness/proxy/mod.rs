//! A TCP proxy between functions and PostgreSQL (or another server) that counts what goes through, can lose an answer,
//! and does what networks do.

mod network;

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;

use super::Database;
use network::{Link, Network};

/// After this long without a word, PostgreSQL has said everything.
const SILENCE: Duration = Duration::from_millis(200);

/// A proxy that runs until the test's runtime ends.
pub struct Proxy {
    port: u16,
    counts: Arc<Counts>,
    network: watch::Sender<Network>,
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
        let own_port = listener.local_addr().unwrap().port();
        let proxy = Self {
            port: own_port,
            counts: Arc::default(),
            network: watch::Sender::default(),
        };
        let (counts, network) = (Arc::clone(&proxy.counts), proxy.network.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let connection = connect(client, port, Arc::clone(&counts), Link::of(&network));
                tokio::spawn(connection);
            }
        });
        proxy
    }

    /// The address of the same database, through the proxy.
    pub fn url(&self, database: &Database) -> String {
        self.through(&database.url())
    }

    /// The address of a database on 127.0.0.1, through the proxy.
    pub fn through(&self, url: &str) -> String {
        let (before, after) = url.split_once("127.0.0.1:").unwrap();
        let database = after.split_once('/').unwrap().1;
        format!("{before}127.0.0.1:{}/{database}", self.port)
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
        (
            self.counts.round_trips.swap(0, Ordering::SeqCst),
            self.counts.flushes.swap(0, Ordering::SeqCst),
        )
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

/// Passes on what either side says, until one of them ends or the network resets the connection.
async fn connect(client: TcpStream, port: u16, counts: Arc<Counts>, link: Link) {
    if link.is_refused() {
        network::abort(&client);
        return;
    }
    // Without a server the client's connection ends, as it would with the server itself.
    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await else {
        return;
    };
    server.set_nodelay(true).unwrap();
    client.set_nodelay(true).unwrap();
    let ((from_client, to_client), (from_server, to_server)) =
        (client.into_split(), server.into_split());
    tokio::spawn(requests(
        from_client,
        to_server,
        Arc::clone(&counts),
        link.clone(),
    ));
    tokio::spawn(answers(from_server, to_client, counts, link));
}

async fn requests(
    mut client: OwnedReadHalf,
    mut server: OwnedWriteHalf,
    counts: Arc<Counts>,
    mut link: Link,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Some(length @ 1..) = link.read(&mut client, &mut buffer).await {
        counts.client_spoke();
        if link.write(&mut server, &buffer[..length]).await.is_none() {
            break;
        }
    }
    link.close(&client, server);
}

async fn answers(
    mut server: OwnedReadHalf,
    mut client: OwnedWriteHalf,
    counts: Arc<Counts>,
    mut link: Link,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Some(length @ 1..) = link.read(&mut server, &mut buffer).await {
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
        if link.write(&mut client, &answer).await.is_none() {
            break;
        }
    }
    link.close(&server, client);
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
