//! Connecting: TLS and socket options.

use std::time::Duration;

use deadpool_postgres::{BuildError, Manager, ManagerConfig, RecyclingMethod};
use postgres_native_tls::{MakeTlsConnector, set_postgresql_alpn};
use tokio_postgres::config::{SslMode, SslNegotiation};
use tokio_postgres::{Client, NoTls};

use super::failure::Failure;
use crate::Error;

/// How long connecting may take, with TLS and password: Neon wakes a suspended compute in about half a
/// second, rarely in several. Init, of which this is a part, has 10 s.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long sent data may stay unacknowledged before the connection counts as dead.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a connection is idle before the kernel asks whether the other side is still there.
const KEEPALIVES_IDLE: Duration = Duration::from_secs(30);

/// Why the pool cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The system's certificates cannot be read.
    #[error("TLS: {0}")]
    Tls(#[from] native_tls::Error),
    /// The pool refuses its settings.
    #[error(transparent)]
    Pool(#[from] BuildError),
}

/// What the pool opens connections with.
pub(super) fn manager(config: &tokio_postgres::Config) -> Result<Manager, SetupError> {
    let config = with_timeouts(config);
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    if config.get_ssl_mode() == SslMode::Disable {
        return Ok(Manager::from_config(config, NoTls, recycling));
    }
    let tls = tls(&config)?;
    Ok(Manager::from_config(config, tls, recycling))
}

/// Opens one connection outside of any pool, for migrations and tools.
pub async fn connect(config: &tokio_postgres::Config) -> Result<Client, Error> {
    let config = with_timeouts(config);
    let tls = tls(&config).map_err(|error| Error::Internal(error.to_string()))?;
    let (client, connection) = config.connect(tls).await.map_err(Failure::from)?;
    // Ends with the client; the client's own calls tell of its errors.
    tokio::spawn(connection);
    Ok(client)
}

/// TLS with the system's certificates. With `sslnegotiation=direct` (PostgreSQL 17) the handshake
/// comes first, and the server requires ALPN.
fn tls(config: &tokio_postgres::Config) -> Result<MakeTlsConnector, native_tls::Error> {
    let mut builder = native_tls::TlsConnector::builder();
    if config.get_ssl_negotiation() == SslNegotiation::Direct {
        set_postgresql_alpn(&mut builder);
    }
    Ok(MakeTlsConnector::new(builder.build()?))
}

/// Adds what the address does not say.
fn with_timeouts(config: &tokio_postgres::Config) -> tokio_postgres::Config {
    let mut config = config.clone();
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(TCP_USER_TIMEOUT);
    }
    config.keepalives_idle(KEEPALIVES_IDLE);
    config
}
