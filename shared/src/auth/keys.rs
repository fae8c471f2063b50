//! Keys that tokens are verified with. Each is bound to its algorithms: a token does not choose how
//! it is verified (RFC 8725 section 3.1).

use jsonwebtoken::{Algorithm, DecodingKey, crypto};

use super::jws::Jws;
use super::secret::Secret;
use super::unauthenticated::Unauthenticated;

/// A key and what it may be used for.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) id: Option<String>,
    pub(super) algorithms: Vec<Algorithm>,
    pub(super) decoding: DecodingKey,
}

/// The keys from one source, parsed once.
#[derive(Clone, Debug, Default)]
pub struct KeySet(Vec<Key>);

impl KeySet {
    /// The key that is shared with the frontends: HS256 with `secret`.
    #[must_use]
    pub fn shared_secret(secret: &Secret) -> Self {
        let decoding = DecodingKey::from_secret(secret.as_bytes());
        Self(vec![Key {
            id: None,
            algorithms: vec![Algorithm::HS256],
            decoding,
        }])
    }

    /// These keys and the others.
    #[must_use]
    pub fn with(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Verifies the signature of `token`.
    ///
    /// `kid` is only ever compared. Fails with [`Unauthenticated::UnknownKey`] unless exactly one
    /// key fits the algorithm and the `kid`, if the token has one.
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
