//! Keys that tokens are verified with. Each is bound to its algorithms: no token chooses how it is
//! verified (RFC 8725 section 3.1).

use jsonwebtoken::{Algorithm, DecodingKey, crypto};

use super::Unauthenticated;
use super::jws::Jws;
use crate::config::Secret;

/// A key, and what it may be used for.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) id: Option<String>,
    pub(super) algorithms: Vec<Algorithm>,
    pub(super) decoding: DecodingKey,
}

/// The keys of one source, parsed once.
#[derive(Clone, Debug, Default)]
pub struct KeySet(Vec<Key>);

impl KeySet {
    /// The one key that is shared with the frontends: HS256 with `secret`.
    #[must_use]
    pub fn shared_secret(secret: &Secret) -> Self {
        let decoding = DecodingKey::from_secret(secret.as_bytes());
        Self(vec![Key {
            id: None,
            algorithms: vec![Algorithm::HS256],
            decoding,
        }])
    }

    /// These keys and those.
    #[must_use]
    pub fn with(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// Verifies the signature of `token`.
    ///
    /// `kid` is compared and nothing else; without one, a key is used only if it is the only one that fits
    /// the algorithm. Fails with [`Unauthenticated::UnknownKey`] when no key is to be used.
    pub(super) fn verify(&self, token: &Jws<'_>) -> Result<(), Unauthenticated> {
        let algorithm = token.header.alg;
        let kid = token.header.kid.as_deref();
        let mut fitting = self.0.iter().filter(|key| {
            key.algorithms.contains(&algorithm) && (kid.is_none() || key.id.as_deref() == kid)
        });
        let (Some(key), None) = (fitting.next(), fitting.next()) else {
            return Err(Unauthenticated::UnknownKey);
        };
        match crypto::verify(
            token.signature,
            token.signed.as_bytes(),
            &key.decoding,
            algorithm,
        ) {
            Ok(true) => Ok(()),
            _ => Err(Unauthenticated::InvalidSignature),
        }
    }
}

impl FromIterator<Key> for KeySet {
    fn from_iter<I: IntoIterator<Item = Key>>(keys: I) -> Self {
        Self(keys.into_iter().collect())
    }
}
