//! Decides whether a token is valid.

use std::sync::Arc;
use std::time::SystemTime;

use super::claims::{ClaimRules, Claims, Identity};
use super::jws::Jws;
use super::keys::KeySet;
use super::remote::RemoteKeys;
use super::unauthenticated::{Unauthenticated, VerifyError};

/// The keys and rules of the service. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct Verifier(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    keys: KeySet,
    remote: Option<RemoteKeys>,
    rules: ClaimRules,
}

impl Verifier {
    /// Accepts tokens that are signed with one of `keys`, or with a key that `remote` publishes,
    /// and whose claims satisfy the `rules`.
    #[must_use]
    pub fn new(keys: KeySet, remote: Option<RemoteKeys>, rules: ClaimRules) -> Self {
        Self(Arc::new(Inner {
            keys,
            remote,
            rules,
        }))
    }

    /// Fetches the issuer's keys, so that the first request does not wait for them. A failure is
    /// not an error: the issuer may be back when a request arrives.
    pub async fn warm_up(&self) {
        if let Some(remote) = &self.0.remote {
            remote.warm_up().await;
        }
    }

    /// Verifies `token` and returns who it identifies. Asks the issuer only if the keys at hand do
    /// not fit the token or are no longer fresh ([`RemoteKeys`]).
    pub async fn verify(&self, token: &str) -> Result<Identity, VerifyError> {
        let Inner {
            keys,
            remote,
            rules,
        } = &*self.0;
        let token = Jws::parse(token)?;
        match (keys.verify(&token), remote) {
            (Err(Unauthenticated::UnknownKey), Some(remote)) => remote.verify(&token).await?,
            (result, _) => result?,
        }
        Ok(Claims::parse(&token.payload)?.check(rules, SystemTime::now())?)
    }
}
