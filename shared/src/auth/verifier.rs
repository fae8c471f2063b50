//! What decides whether a token is good.

use std::sync::Arc;
use std::time::SystemTime;

use super::claims::Claims;
use super::jws::Jws;
use super::{ClaimRules, Identity, KeySet, RemoteKeys, Unauthenticated};
use crate::Error;

/// The keys and rules of the service; cloning is cheap.
#[derive(Clone, Debug)]
pub struct Verifier(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    keys: KeySet,
    remote: Option<RemoteKeys>,
    rules: ClaimRules,
}

impl Verifier {
    /// Believes tokens that one of `keys`, or a key that `remote` publishes, has signed, and whose claims
    /// keep the `rules`.
    #[must_use]
    pub fn new(keys: KeySet, remote: Option<RemoteKeys>, rules: ClaimRules) -> Self {
        Self(Arc::new(Inner {
            keys,
            remote,
            rules,
        }))
    }

    /// Fetches the issuer's keys, so that the first request does not wait for them. Failing is no error:
    /// the issuer may be back when a request comes.
    pub async fn warm_up(&self) {
        if let Some(remote) = &self.0.remote {
            remote.warm_up().await;
        }
    }

    /// Verifies `token` and tells who it is for. Costs no request to anybody, except that a key that is not
    /// known is asked for once ([`RemoteKeys`]). Fails with [`Error::Unavailable`] when the issuer has not
    /// been reached yet, so that nobody knows whether the token is good.
    pub async fn verify(&self, token: &str) -> Result<Identity, Error> {
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
