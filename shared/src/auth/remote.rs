//! Keys that the issuer publishes at a URL, as Better Auth does.

use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use axum::http::{Request, Uri};
use http_body_util::Full;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::jws::Jws;
use super::keys::KeySet;
use super::unauthenticated::{Unauthenticated, VerifyError};
use crate::net::{Chain, HttpsClient};

/// How often the issuer is asked, and how long it may take to answer.
#[derive(Clone, Copy, Debug)]
pub struct FetchLimits {
    /// How long the issuer may take to answer.
    pub timeout: Duration,
    /// How long keys are fresh if `Cache-Control` does not say.
    pub default_fresh: Duration,
    /// The least that `Cache-Control` may say.
    pub min_fresh: Duration,
    /// The most that `Cache-Control` may say.
    pub max_fresh: Duration,
    /// The shortest time from one fetch to the next, whatever keys tokens name: nobody can make this
    /// service hammer the issuer with made-up key ids. The fetch during init does not count.
    pub interval: Duration,
    /// The same while no key is known, so that every request fails.
    pub interval_without_keys: Duration,
}

impl Default for FetchLimits {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(3),
            default_fresh: Duration::from_mins(10),
            min_fresh: Duration::from_mins(1),
            max_fresh: Duration::from_hours(24),
            interval: Duration::from_secs(30),
            interval_without_keys: Duration::from_secs(2),
        }
    }
}

impl FetchLimits {
    /// How long `max-age` says that keys are fresh (RFC 9111 section 5.2.2.1), within bounds.
    fn fresh_for(&self, cache_control: &str) -> Duration {
        let mut directives = cache_control.split(',').map(str::trim);
        let max_age =
            directives.find_map(|directive| directive.strip_prefix("max-age=")?.parse().ok());
        max_age
            .map_or(self.default_fresh, Duration::from_secs)
            .clamp(self.min_fresh, self.max_fresh)
    }
}

/// The keys at one URL, fetched when they are needed and kept. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct RemoteKeys(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    address: Uri,
    limits: FetchLimits,
    client: HttpsClient,
    known: RwLock<Known>,
    /// When the issuer was last asked. Locked during a fetch: those who wait share its result.
    asked: Mutex<Option<Instant>>,
}

#[derive(Clone, Debug, Default)]
struct Known {
    keys: Arc<KeySet>,
    fresh_until: Option<Instant>,
}

impl RemoteKeys {
    /// The keys at `address`. Fetches nothing yet.
    #[must_use]
    pub fn new(address: Uri, limits: FetchLimits) -> Self {
        let client = HttpsClient::new();
        Self(Arc::new(Inner {
            address,
            limits,
            client,
            known: RwLock::default(),
            asked: Mutex::default(),
        }))
    }

    /// Fetches the keys for the first time.
    pub(super) async fn warm_up(&self) {
        let mut asked = self.0.asked.lock().await;
        if !self.update().await {
            *asked = Some(Instant::now());
        }
    }

    /// Verifies with the known keys. Fetches the keys if the token's key is not among them, unless
    /// the issuer was asked a moment ago. Keys that are no longer fresh are refreshed in the
    /// background, and stay in use while the issuer is down.
    pub(super) async fn verify(&self, token: &Jws<'_>) -> Result<(), VerifyError> {
        let known = self.known();
        let mut result = known.keys.verify(token);
        if result == Err(Unauthenticated::UnknownKey) {
            self.refresh().await;
            let known = self.known();
            if known.fresh_until.is_none() {
                return Err(VerifyError::IssuerUnavailable);
            }
            result = known.keys.verify(token);
        } else if known.fresh_until.is_none_or(|until| until < Instant::now()) {
            let keys = self.clone();
            tokio::spawn(async move { keys.refresh().await });
        }
        Ok(result?)
    }

    fn known(&self) -> Known {
        self.0
            .known
            .read()
            .map(|known| known.clone())
            .unwrap_or_default()
    }

    /// Fetches the keys, unless the issuer was asked a moment ago.
    async fn refresh(&self) {
        let mut asked = self.0.asked.lock().await;
        let FetchLimits {
            interval,
            interval_without_keys,
            ..
        } = self.0.limits;
        let interval = if self.known().fresh_until.is_some() {
            interval
        } else {
            interval_without_keys
        };
        if asked.is_none_or(|asked| asked.elapsed() >= interval) {
            *asked = Some(Instant::now());
            self.update().await;
        }
    }

    /// Fetches the keys, which replace those that were known. Whether that succeeded.
    async fn update(&self) -> bool {
        let fetched = match timeout(self.0.limits.timeout, self.fetch()).await {
            Ok(fetched) => fetched,
            Err(_) => Err("no answer in time".to_owned()),
        };
        match fetched {
            Ok(fetched) => self
                .0
                .known
                .write()
                .map(|mut known| *known = fetched)
                .is_ok(),
            Err(cause) => {
                tracing::warn!(cause, "the issuer's keys cannot be fetched");
                false
            }
        }
    }

    async fn fetch(&self) -> Result<Known, String> {
        let request = Request::get(&self.0.address)
            .body(Full::default())
            .map_err(|error| error.to_string())?;
        let response = self
            .0
            .client
            .send(request)
            .await
            .map_err(|error| Chain(&error).to_string())?;
        if !response.status().is_success() {
            return Err(format!("the issuer answered {}", response.status()));
        }
        let keys =
            KeySet::from_jwks(response.body()).map_err(|error| format!("the answer {error}"))?;
        let cache_control = response
            .headers()
            .get("cache-control")
            .and_then(|value| value.to_str().ok());
        let fresh_until =
            Some(Instant::now() + self.0.limits.fresh_for(cache_control.unwrap_or_default()));
        Ok(Known {
            keys: Arc::new(keys),
            fresh_until,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn max_age_is_kept_within_bounds() {
        for (cache_control, seconds) in [
            ("", 600),
            ("public, max-age=3600, must-revalidate", 3600),
            ("max-age=0", 60),
            ("no-store", 600),
            ("max-age=99999999", 86_400),
            ("max-age=x", 600),
        ] {
            assert_eq!(
                FetchLimits::default().fresh_for(cache_control),
                Duration::from_secs(seconds),
                "{cache_control}"
            );
        }
    }
}
