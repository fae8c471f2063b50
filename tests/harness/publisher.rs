//! A web server whose answers a test chooses. It stands for an issuer that publishes its keys and
//! may be slow, wrong or down, or for an AWS service.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A server with one answer for every request. It runs until the test's runtime ends.
pub struct Publisher {
    port: u16,
    state: Arc<PublisherState>,
}

#[derive(Default)]
struct PublisherState {
    answer: Mutex<Option<String>>,
    hangs: AtomicBool,
    requests: AtomicUsize,
}

impl Publisher {
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let publisher = Self {
            port: listener.local_addr().unwrap().port(),
            state: Arc::default(),
        };
        let state = Arc::clone(&publisher.state);
        tokio::spawn(async move {
            let mut hanging = Vec::new();
            while let Ok((mut client, _)) = listener.accept().await {
                let mut request = [0; 4096];
                let _ = client.read(&mut request).await;
                state.requests.fetch_add(1, Ordering::SeqCst);
                if state.hangs.load(Ordering::SeqCst) {
                    hanging.push(client);
                    continue;
                }
                let answer = state.answer.lock().unwrap().clone();
                if let Some(answer) = answer {
                    let _ = client.write_all(answer.as_bytes()).await;
                }
            }
        });
        publisher
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/jwks", self.port)
    }

    /// The URL without a path.
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// From now on, answers with these keys, which are fresh for as short a time as is allowed.
    pub fn publish(&self, jwks: &str) {
        self.answer(
            &format!(
                "200 OK\r\ncache-control: max-age=0\r\ncontent-length: {}",
                jwks.len()
            ),
            jwks,
        );
    }

    /// From now on, answers with this status and headers, and this body.
    pub fn answer(&self, head: &str, body: &str) {
        let answer = format!("HTTP/1.1 {head}\r\nconnection: close\r\n\r\n{body}");
        *self.state.answer.lock().unwrap() = Some(answer);
        self.state.hangs.store(false, Ordering::SeqCst);
    }

    /// From now on, closes connections without an answer.
    pub fn fall_silent(&self) {
        *self.state.answer.lock().unwrap() = None;
        self.state.hangs.store(false, Ordering::SeqCst);
    }

    /// From now on, accepts requests and neither answers them nor closes their connections.
    pub fn hang(&self) {
        self.state.hangs.store(true, Ordering::SeqCst);
    }

    /// The number of requests so far.
    pub fn requests(&self) -> usize {
        self.state.requests.load(Ordering::SeqCst)
    }
}
