//! How connections are opened: TLS and socket options.

use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, RecyclingMethod};
use tokio_postgres::config::{SslMode, SslNegotiation};
use tokio_postgres::{Client, NoTls};

use super::failure::Failure;
use crate::net::Tls;
use crate::store::error::StoreError;

/// How long connecting may take, including TLS and password. Neon wakes a suspended compute in
/// about half a second, rarely in several seconds. Init, of which this is a part, has 10 s.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long sent data may stay unacknowledged before the connection is considered dead.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a connection is idle before the kernel asks whether the other end is still there.
const KEEPALIVES_IDLE: Duration = Duration::from_secs(30);

/// What the pool opens connections with.
pub(super) fn manager(config: &tokio_postgres::Config) -> Manager {
    let config = with_timeouts(config);
    let recycling = ManagerConfig {
        recycling_method: RecyclingMethod::Fast,
    };
    if config.get_ssl_mode() == SslMode::Disable {
        return Manager::from_config(config, NoTls, recycling);
    }
    let tls = tls(&config);
    Manager::from_config(config, tls, recycling)
}

/// Opens one connection outside of any pool, for migrations and tools.
pub async fn connect(config: &tokio_postgres::Config) -> Result<Client, StoreError> {
    let config = with_timeouts(config);
    let connected = config.connect(tls(&config)).await;
    let (client, connection) = connected.map_err(Failure::from)?;
    // Ends with the client, whose own calls report its errors.
    tokio::spawn(connection);
    Ok(client)
}

fn tls(config: &tokio_postgres::Config) -> Tls {
    match config.get_ssl_negotiation() {
        SslNegotiation::Direct => Tls::direct(),
        _ => Tls::shared(),
    }
}

/// Adds the time limits that the address does not set.
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
