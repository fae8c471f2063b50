//! Keys that the issuer publishes at a URL, as Better Auth does.
//!
//! Lambda freezes the environment once a request has been answered, so nothing is refreshed in the
//! background: whatever has to be fetched is fetched while a request waits.

mod limits;

use std::sync::{Arc, RwLock};
use std::time::Duration;

use axum::http::header::{CACHE_CONTROL, CONNECTION};
use axum::http::{Request, Uri};
use http_body_util::Full;
use tokio::sync::Mutex;
use tokio::time::timeout;

pub use self::limits::FetchLimits;
use super::jws::Jws;
use super::keys::KeySet;
use super::unauthenticated::{Unauthenticated, VerifyError};
use crate::net::{Chain, HttpsClient, Moment};

/// The keys at one URL, fetched when they are needed and kept. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct RemoteKeys(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    address: Uri,
    limits: FetchLimits,
    client: HttpsClient,
    known: RwLock<Option<Known>>,
    /// The last time that the issuer was asked. Locked during a fetch: requests that wait for it
    /// share its result.
    last: Mutex<Option<Attempt>>,
}

/// What the issuer has answered.
#[derive(Clone, Debug)]
struct Known {
    keys: Arc<KeySet>,
    asked: Moment,
    fresh_for: Duration,
}

impl Known {
    fn is_younger_than(&self, age: Duration) -> bool {
        self.asked.age() < age
    }

    fn is_fresh(&self) -> bool {
        self.is_younger_than(self.fresh_for)
    }
}

#[derive(Debug)]
struct Attempt {
    at: Moment,
    failed: bool,
}

/// Why the issuer is asked.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Need {
    /// The keys are no longer fresh.
    Freshness,
    /// The token names none of the keys.
    Key,
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
            last: Mutex::default(),
        }))
    }

    /// Fetches the keys for the first time.
    pub(super) async fn warm_up(&self) {
        let mut last = self.0.last.lock().await;
        if !self.update(self.0.limits.timeout).await {
            let at = Moment::now();
            *last = Some(Attempt { at, failed: true });
        }
    }

    /// Verifies with the known keys. Asks the issuer first if they are no longer fresh, and if the
    /// token's key is not among them.
    ///
    /// While the issuer does not answer, keys stay in use until they are too old. Without keys
    /// that may be used, fails with [`VerifyError::IssuerUnavailable`].
    pub(super) async fn verify(&self, token: &Jws<'_>) -> Result<(), VerifyError> {
        if !self.known().is_some_and(|known| known.is_fresh()) {
            self.ask(Need::Freshness).await;
        }
        let mut result = self.usable()?.verify(token);
        if result == Err(Unauthenticated::UnknownKey) {
            self.ask(Need::Key).await;
            result = self.usable()?.verify(token);
        }
        Ok(result?)
    }

    fn known(&self) -> Option<Known> {
        self.0.known.read().ok()?.clone()
    }

    fn usable(&self) -> Result<Arc<KeySet>, VerifyError> {
        let known = self.known();
        let usable = known.filter(|known| known.is_younger_than(self.0.limits.max_age));
        let usable = usable.ok_or(VerifyError::IssuerUnavailable)?;
        Ok(usable.keys)
    }

    /// Asks the issuer, unless another request has just done so.
    async fn ask(&self, need: Need) {
        let limits = self.0.limits;
        let mut last = self.0.last.lock().await;
        let is_usable = self.usable().is_ok();
        let interval = if is_usable {
            limits.interval
        } else {
            limits.interval_without_keys
        };
        let recent = last.as_ref().filter(|last| last.at.age() < interval);
        let is_settled = match need {
            Need::Freshness => {
                let is_fresh = self.known().is_some_and(|known| known.is_fresh());
                is_fresh || recent.is_some_and(|last| last.failed)
            }
            Need::Key => recent.is_some(),
        };
        if is_settled {
            return;
        }
        let time = if is_usable && need == Need::Freshness {
            limits.refresh_timeout
        } else {
            limits.timeout
        };
        // Recorded before asking: if this request is dropped, the attempt has failed.
        let mut attempt = |failed| {
            let at = Moment::now();
            *last = Some(Attempt { at, failed });
        };
        attempt(true);
        attempt(!self.update(time).await);
    }

    /// Fetches the keys, which replace the known ones. Returns whether that succeeded in time.
    async fn update(&self, time: Duration) -> bool {
        let fetched = match timeout(time, self.fetch()).await {
            Ok(fetched) => fetched,
            Err(_) => Err("no answer in time".to_owned()),
        };
        match fetched {
            Ok(fetched) => self
                .0
                .known
                .write()
                .map(|mut known| *known = Some(fetched))
                .is_ok(),
            Err(cause) => {
                tracing::warn!(cause, "the issuer's keys cannot be fetched");
                false
            }
        }
    }

    async fn fetch(&self) -> Result<Known, String> {
        // The next fetch is minutes away. A connection that was kept until then would be closed by
        // the other end, and a frozen environment would not notice.
        let request = Request::get(&self.0.address)
            .header(CONNECTION, "close")
            .body(Full::default())
            .map_err(|error| error.to_string())?;
        let asked = Moment::now();
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
            KeySet::published(response.body()).map_err(|error| format!("the answer {error}"))?;
        let headers = response.headers();
        let cache_control = headers.get(CACHE_CONTROL);
        let cache_control = cache_control.and_then(|value| value.to_str().ok());
        Ok(Known {
            keys: Arc::new(keys),
            asked,
            fresh_for: self.0.limits.fresh_for(cache_control.unwrap_or_default()),
        })
    }
}
