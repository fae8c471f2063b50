//! What each variable may be. An error completes "`NAME` ...", and never shows a secret.

use std::time::Duration;

use axum::http::Uri;
use tokio_postgres::config::SslMode;

use crate::auth::{KeySet, Secret};
use crate::net::Chain;

/// The most that clocks may differ, in seconds: more would keep expired tokens alive.
const MAX_LEEWAY_SECONDS: u64 = 300;

/// The longest time for which keys may be used without asking the issuer, in seconds: a day.
const MAX_KEYS_AGE_SECONDS: u64 = 86_400;

/// Where the service runs.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Stage {
    /// On a laptop or in a test.
    #[default]
    Development,
    /// For users: requires TLS to the database, a secret of full length, and tokens that say who
    /// issued them and for whom.
    Production,
}

pub(super) fn stage(value: &str) -> Result<Stage, String> {
    match value {
        "development" => Ok(Stage::Development),
        "production" => Ok(Stage::Production),
        _ => Err("must be \"development\" or \"production\"".into()),
    }
}

/// Accepts a PostgreSQL address (libpq's URI format). `verify-ca` and `verify-full`, which
/// tokio-postgres does not know, mean `require`: certificates are always verified here.
/// <https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS>
pub(super) fn database(url: &str, stage: Stage) -> Result<tokio_postgres::Config, String> {
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return Err("must begin with postgres:// or postgresql://".into());
    }
    let url = ["verify-full", "verify-ca"]
        .into_iter()
        .fold(url.to_owned(), |url, mode| {
            url.replace(&format!("sslmode={mode}"), "sslmode=require")
        });
    let mut config: tokio_postgres::Config = url
        .parse()
        .map_err(|error| format!("is not a PostgreSQL address: {}", Chain(&error)))?;
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        return Err("names no host".into());
    }
    if stage == Stage::Production {
        if config.get_ssl_mode() == SslMode::Disable {
            return Err("must not say sslmode=disable in production".into());
        }
        config.ssl_mode(SslMode::Require);
    }
    Ok(config)
}

pub(super) fn secret(secret: &str, stage: Stage) -> Result<Secret, String> {
    match stage {
        Stage::Production if secret.len() < 32 => {
            Err("must have at least 32 bytes in production".into())
        }
        _ => Ok(Secret::from(secret)),
    }
}

pub(super) fn jwks(json: &str) -> Result<KeySet, String> {
    KeySet::from_jwks(json.as_bytes()).map_err(|error| error.to_string())
}

/// Keys that come by plain HTTP could be anybody's, unless they come from this computer.
pub(super) fn jwks_url(url: &str) -> Result<Uri, String> {
    let uri: Uri = url.parse().map_err(|_| "is not a URL".to_owned())?;
    let is_loopback = matches!(uri.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match uri.scheme_str() {
        Some("https") => Ok(uri),
        Some("http") if is_loopback => Ok(uri),
        _ => Err("must begin with https://, or http:// on a loopback address".into()),
    }
}

pub(super) fn lifetime(seconds: &str) -> Result<Duration, String> {
    let seconds = seconds.parse().ok().filter(|&seconds| seconds > 0);
    seconds
        .map(Duration::from_secs)
        .ok_or_else(|| "must be a number of seconds above 0".into())
}

pub(super) fn keys_age(seconds: &str) -> Result<Duration, String> {
    let seconds = seconds.parse().ok();
    seconds
        .filter(|seconds| (1..=MAX_KEYS_AGE_SECONDS).contains(seconds))
        .map(Duration::from_secs)
        .ok_or_else(|| format!("must be a number of seconds from 1 to {MAX_KEYS_AGE_SECONDS}"))
}

pub(super) fn leeway(seconds: &str) -> Result<Duration, String> {
    let seconds = seconds
        .parse()
        .ok()
        .filter(|&seconds| seconds <= MAX_LEEWAY_SECONDS);
    seconds
        .map(Duration::from_secs)
        .ok_or_else(|| format!("must be a number of seconds, at most {MAX_LEEWAY_SECONDS}"))
}

pub(super) fn concurrency(value: &str) -> Result<usize, String> {
    value
        .parse()
        .ok()
        .filter(|&number| number > 0)
        .ok_or_else(|| "must be a number above 0".into())
}

/// The most slots of a user: more are no bound, and each is tried in turn.
const MAX_USER_CONCURRENCY: i32 = 100;

pub(super) fn user_concurrency(value: &str) -> Result<i32, String> {
    let number = value.parse().ok();
    let number = number.filter(|number| (1..=MAX_USER_CONCURRENCY).contains(number));
    number.ok_or_else(|| format!("must be a number from 1 to {MAX_USER_CONCURRENCY}"))
}

pub(super) fn amount(value: &str) -> Result<i64, String> {
    let number = value.parse().ok();
    let number = number.filter(|&number| number > 0);
    number.ok_or_else(|| "must be a number above 0".into())
}

pub(super) fn days(value: &str) -> Result<u16, String> {
    let number = value.parse().ok().filter(|&number| number > 0);
    number.ok_or_else(|| format!("must be a number of days from 1 to {}", u16::MAX))
}
