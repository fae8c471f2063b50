//! TLS in front of PostgreSQL, like Neon's proxy: with X25519, the key exchange that OpenSSL offers
//! first. PostgreSQL 15 itself knows only P-256, and asks for a second hello, which takes another
//! round trip.

use std::io;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The first byte of a handshake. Connections without `sslnegotiation=direct` begin with a request
/// for TLS instead.
const HANDSHAKE: u8 = 0x16;

/// Decrypts connections and passes them on to `port`. Returns its own port. It presents the tests'
/// certificate for `localhost`.
pub(crate) async fn start(root: &Path, port: u16) -> Result<u16> {
    let keys = root.join("tests/keys/tls");
    let chain = CertificateDer::pem_file_iter(keys.join("valid.pem"))?.collect::<Result<_, _>>()?;
    let key = PrivateKeyDer::from_pem_file(keys.join("server.key"))?;
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"postgresql".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let own = listener.local_addr()?.port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            // A connection that fails ends, and its client reports it.
            tokio::spawn(connected(client, acceptor.clone(), port));
        }
    });
    Ok(own)
}

async fn connected(mut client: TcpStream, acceptor: TlsAcceptor, port: u16) -> io::Result<()> {
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    for stream in [&client, &server] {
        stream.set_nodelay(true)?;
    }
    let mut first = [0];
    client.peek(&mut first).await?;
    if first != [HANDSHAKE] {
        client.read_exact(&mut [0; 8]).await?;
        client.write_all(b"S").await?;
    }
    let mut client = acceptor.accept(client).await?;
    copy_bidirectional(&mut client, &mut server)
        .await
        .map(|_| ())
}
