//! An issuer that signs anything, including invalid tokens.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jsonwebtoken::crypto::sign;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use super::root;

/// The issuer's public keys.
pub fn jwks() -> String {
    String::from_utf8(file("jwks.json")).unwrap()
}

/// One of the keys in `tests/keys`, by its `kid`.
pub fn key(kid: &str) -> EncodingKey {
    match kid {
        "rsa" | "rsa-any" => EncodingKey::from_rsa_der(&file("rsa.der")),
        "p256" | "p384" => EncodingKey::from_ec_der(&file(&format!("{kid}.der"))),
        "ed25519" => EncodingKey::from_ed_der(&file("ed25519.der")),
        secret => EncodingKey::from_secret(secret.as_bytes()),
    }
}

/// The claims of a valid token of `ann`.
pub fn claims() -> Value {
    json!({"sub": "ann", "iat": at(0), "exp": at(60)})
}

/// Seconds since the epoch, `offset` seconds from now.
pub fn at(offset: i64) -> i64 {
    Timestamp::now().as_second() + offset
}

/// A token with this header and this payload.
pub fn token_of(header: &str, payload: &str, key: &EncodingKey, algorithm: Algorithm) -> String {
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(payload)
    );
    let signature = sign(signed.as_bytes(), key, algorithm).unwrap();
    format!("{signed}.{signature}")
}

fn file(name: &str) -> Vec<u8> {
    std::fs::read(root().join("tests/keys").join(name)).unwrap()
}
