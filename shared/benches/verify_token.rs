//! What it costs to verify a token, by algorithm: `cargo bench --package shared`.

use std::fs::read;
use std::path::Path;

use divan::Bencher;
use futures_util::FutureExt;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::json;
use shared::auth::{ClaimRules, KeySet, Secret, Verifier};

const SECRET: &str = "a secret of the benchmark, longer than 32 bytes";

#[global_allocator]
static ALLOCATIONS: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    divan::main();
}

#[divan::bench(args = ["HS256", "EdDSA", "ES256", "ES384", "RS256"])]
fn verify(bencher: Bencher<'_, '_>, algorithm: &str) {
    let keys = KeySet::from_jwks(&key("jwks.json")).unwrap_or_default();
    let keys = keys.with(KeySet::shared_secret(&Secret::from(SECRET)));
    let verifier = Verifier::new(keys, None, ClaimRules::default());
    let token = token(algorithm);
    bencher.bench(
        || match verifier.verify(divan::black_box(&token)).now_or_never() {
            Some(Ok(identity)) => identity,
            other => unreachable!("{other:?}"),
        },
    );
}

/// A token as Better Auth's frontends have it.
fn token(algorithm: &str) -> String {
    let (kid, key) = match algorithm {
        "HS256" => (None, EncodingKey::from_secret(SECRET.as_bytes())),
        "EdDSA" => (
            Some("ed25519"),
            EncodingKey::from_ed_der(&key("ed25519.der")),
        ),
        "ES256" => (Some("p256"), EncodingKey::from_ec_der(&key("p256.der"))),
        "ES384" => (Some("p384"), EncodingKey::from_ec_der(&key("p384.der"))),
        _ => (Some("rsa"), EncodingKey::from_rsa_der(&key("rsa.der"))),
    };
    let now = jsonwebtoken::get_current_timestamp();
    let claims = json!({
        "sub": "8ZxK3mPq7vRt2nWc", "email": "ann@example.com", "name": "Ann", "iss": "https://app.example",
        "aud": "https://app.example", "iat": now, "exp": now + 900,
    });
    let mut header = Header::new(algorithm.parse::<Algorithm>().unwrap_or_default());
    header.kid = kid.map(str::to_owned);
    encode(&header, &claims, &key).unwrap_or_default()
}

fn key(file: &str) -> Vec<u8> {
    read(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../tests/keys")
            .join(file),
    )
    .unwrap_or_default()
}
