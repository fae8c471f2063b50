use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::{Proxy, Traffic};

/// A server that answers every piece with the same bytes, behind a proxy.
async fn echo() -> Proxy {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (mut from, mut to) = stream.into_split();
            tokio::spawn(async move { tokio::io::copy(&mut from, &mut to).await });
        }
    });
    Proxy::start(port).await.unwrap()
}

async fn connect(proxy: &Proxy) -> TcpStream {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port()))
        .await
        .unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

async fn ask(stream: &mut TcpStream, question: &[u8]) -> Duration {
    let sent = Instant::now();
    stream.write_all(question).await.unwrap();
    let mut answer = vec![0; question.len()];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, question);
    sent.elapsed()
}

#[tokio::test]
async fn round_trips_flushes_and_bytes_are_counted() {
    let proxy = echo().await;
    let mut stream = connect(&proxy).await;
    ask(&mut stream, b"one").await;
    ask(&mut stream, b"two").await;

    let expected = Traffic {
        round_trips: 2,
        flushes: 2,
        bytes_sent: 6,
        bytes_received: 6,
    };
    assert_eq!(proxy.take(), expected);
    assert_eq!(proxy.take(), Traffic::default());
}

#[tokio::test]
async fn half_a_millisecond_each_way_takes_a_millisecond_and_not_two() {
    let proxy = echo().await;
    proxy.set_latency(Duration::from_millis(1));
    let mut stream = connect(&proxy).await;
    ask(&mut stream, b"opened").await;

    let mut took = Vec::new();
    for _ in 0..21 {
        took.push(ask(&mut stream, b"again").await);
    }

    took.sort();
    // The fastest, since the machine may be busy.
    assert!((1000..1800).contains(&took[0].as_micros()), "{took:?}");
}

#[tokio::test]
async fn opening_a_connection_takes_a_round_trip() {
    let proxy = echo().await;
    proxy.set_latency(Duration::from_millis(50));
    let mut stream = connect(&proxy).await;
    assert!(ask(&mut stream, b"first").await >= Duration::from_millis(95));
    assert!(ask(&mut stream, b"second").await < Duration::from_millis(95));
}

#[tokio::test]
async fn a_lost_answer_ends_the_connection() {
    let proxy = echo().await;
    let mut stream = connect(&proxy).await;
    proxy.lose_next_answer();
    stream.write_all(b"question").await.unwrap();
    assert_eq!(stream.read(&mut [0; 8]).await.unwrap(), 0);
}

#[tokio::test]
async fn a_reset_is_an_error_and_not_an_end() {
    let proxy = echo().await;
    let mut stream = connect(&proxy).await;
    ask(&mut stream, b"question").await;
    proxy.reset();
    let error = stream.read(&mut [0; 8]).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
}

#[test]
fn a_url_goes_through_the_proxy_with_its_path() {
    let proxy = Proxy {
        port: 99,
        meter: Arc::default(),
        network: watch::Sender::default(),
    };
    let url = "postgres://a:b@127.0.0.1:5432/todo?sslmode=disable";
    assert_eq!(
        proxy.through(url),
        "postgres://a:b@127.0.0.1:99/todo?sslmode=disable"
    );
}
