//! The keys that tokens are verified with. Each is bound to its algorithm: no token chooses how it is
//! verified (RFC 8725 section 3.1).

use std::sync::Arc;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};

use super::Unauthenticated;
use super::claims::Claims;
use crate::config::Secret;

/// How far the clocks of issuer and service may differ, in seconds.
const LEEWAY_SECONDS: u64 = 5;

/// The keys of one service; cloning is cheap.
#[derive(Clone)]
pub struct Keys(Arc<Key>);

struct Key {
    decoding: DecodingKey,
    validation: Validation,
}

impl Keys {
    /// The one key that is shared with the frontends: HS256 with `secret`.
    #[must_use]
    pub fn shared_secret(secret: &Secret) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = LEEWAY_SECONDS;
        validation.validate_nbf = true;
        // Which audience a token is for is not configured: any will do.
        validation.validate_aud = false;
        Self(Arc::new(Key { decoding: DecodingKey::from_secret(secret.as_bytes()), validation }))
    }

    /// Verifies signature and times of `token`, and tells its subject.
    pub fn verify(&self, token: &str) -> Result<String, Unauthenticated> {
        let header = decode_header(token).map_err(|_| Unauthenticated::InvalidToken)?;
        // An extension that we don't know must not be ignored (RFC 7515 section 4.1.11).
        if header.crit.is_some() {
            return Err(Unauthenticated::InvalidToken);
        }
        let Key { decoding, validation } = &*self.0;
        let token = decode::<Claims>(token, decoding, validation).map_err(|error| reason(error.kind()))?;
        token.claims.subject()
    }
}

fn reason(kind: &ErrorKind) -> Unauthenticated {
    match kind {
        ErrorKind::InvalidSignature | ErrorKind::InvalidAlgorithm => Unauthenticated::InvalidSignature,
        ErrorKind::ExpiredSignature => Unauthenticated::Expired,
        ErrorKind::ImmatureSignature => Unauthenticated::NotYetValid,
        ErrorKind::InvalidClaimFormat(claim) if claim == "nbf" => Unauthenticated::InvalidClaim("nbf"),
        ErrorKind::InvalidClaimFormat(_) | ErrorKind::MissingRequiredClaim(_) => {
            Unauthenticated::InvalidClaim("exp")
        }
        _ => Unauthenticated::InvalidToken,
    }
}
