//! JSON Web Key Sets (RFC 7517).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde::Deserialize;
use serde_json::Value;

use super::algorithm;
use super::keys::{Key, KeySet};

/// The minimum length of an RSA modulus, in bytes: 2048 bits (RFC 7518 section 3.3).
const RSA_MIN_BYTES: usize = 256;

/// The length of an Ed25519 public key, in bytes (RFC 8032 section 5.1.5).
const ED25519_BYTES: usize = 32;

/// The algorithms that an RSA key may be used with if it does not name one.
const RSA: [Algorithm; 4] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
];

/// Why a key set cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InvalidJwks {
    /// It is not a JSON object with an array `keys`.
    #[error("is not a JSON Web Key Set: {0}")]
    Json(#[from] serde_json::Error),
    /// It has no public key of a known kind.
    #[error("has no public key for EdDSA, ES256, ES384, RS256, RS384, RS512 or PS256")]
    Empty,
}

#[derive(Deserialize)]
struct Jwks {
    keys: Vec<Value>,
}

impl KeySet {
    /// Reads a key set that has at least one key for this service.
    pub fn from_jwks(json: &[u8]) -> Result<Self, InvalidJwks> {
        let keys = Self::published(json)?;
        if keys.is_empty() {
            Err(InvalidJwks::Empty)
        } else {
            Ok(keys)
        }
    }

    /// Reads a key set, even an empty one: an issuer may withdraw its last key. Skips keys that are
    /// of an unknown kind, malformed, meant for another use, too small or symmetric (RFC 7517
    /// section 5): what anybody can fetch is not a secret to verify with.
    pub(super) fn published(json: &[u8]) -> Result<Self, InvalidJwks> {
        let jwks: Jwks = serde_json::from_slice(json)?;
        Ok(jwks.keys.into_iter().filter_map(key).collect())
    }
}

fn key(json: Value) -> Option<Key> {
    let stated = json.get("alg").map(|alg| algorithm::named(alg.as_str()?));
    let jwk: Jwk = serde_json::from_value(json).ok()?;
    let allowed = algorithms(&jwk.algorithm)?;
    let algorithms = match stated {
        None => allowed.to_vec(),
        Some(stated) => vec![stated.filter(|algorithm| allowed.contains(algorithm))?],
    };
    let decoding = DecodingKey::from_jwk(&jwk).ok()?;
    let is_well_formed = crypto::verify("", b"", &decoding, *algorithms.first()?).is_ok();
    (is_well_formed && is_for_signatures(&jwk)).then_some(Key {
        id: jwk.common.key_id,
        algorithms,
        decoding,
    })
}

/// The algorithms that a key of this type may be used with; `None` if the type is not supported.
fn algorithms(parameters: &AlgorithmParameters) -> Option<&'static [Algorithm]> {
    match parameters {
        AlgorithmParameters::RSA(rsa) => {
            let modulus = URL_SAFE_NO_PAD.decode(&rsa.n).ok()?;
            (modulus.len() >= RSA_MIN_BYTES && modulus[0] != 0).then_some(&RSA)
        }
        AlgorithmParameters::EllipticCurve(ec) => match ec.curve {
            EllipticCurve::P256 => Some(&[Algorithm::ES256]),
            EllipticCurve::P384 => Some(&[Algorithm::ES384]),
            _ => None,
        },
        AlgorithmParameters::OctetKeyPair(okp) => {
            // `jsonwebtoken` panics on a shorter key, and ignores the rest of a longer one.
            let has_its_length = URL_SAFE_NO_PAD.decode(&okp.x).ok()?.len() == ED25519_BYTES;
            (has_its_length && okp.curve == EllipticCurve::Ed25519).then_some(&[Algorithm::EdDSA])
        }
        _ => None,
    }
}

fn is_for_signatures(jwk: &Jwk) -> bool {
    let public_key_use = jwk.common.public_key_use.as_ref();
    let operations = jwk.common.key_operations.as_ref();
    public_key_use.is_none_or(|public_key_use| *public_key_use == PublicKeyUse::Signature)
        && operations.is_none_or(|operations| operations.contains(&KeyOperations::Verify))
}
