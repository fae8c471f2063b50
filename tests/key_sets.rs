//! Which keys of a key set are used (RFC 7517, RFC 9864), and what becomes of the others.

use std::slice::from_ref;

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use shared::auth::{ClaimRules, KeySet, Verifier};

use crate::harness::issuer::{claims, jwks, key, token_of};
use crate::harness::{Handlers, Request};

/// A public key of tests/keys, as the issuer publishes it.
fn published(kid: &str) -> Value {
    let jwks: Value = serde_json::from_str(&jwks()).unwrap();
    let keys = jwks["keys"].as_array().unwrap();
    keys.iter().find(|key| key["kid"] == kid).unwrap().clone()
}

/// The same with a member changed, or left out if the value is null.
fn changed(kid: &str, member: &str, value: Value) -> Value {
    let mut key = published(kid);
    let members = key.as_object_mut().unwrap();
    members.remove(member);
    if !value.is_null() {
        members.insert(member.to_owned(), value);
    }
    key
}

/// A token that is signed with the Ed25519 key.
fn token(header: &Value) -> String {
    let (header, claims) = (header.to_string(), claims().to_string());
    token_of(&header, &claims, &key("ed25519"), Algorithm::EdDSA)
}

#[tokio::test]
async fn ed25519_and_eddsa_name_the_same_algorithm_in_keys_and_tokens() {
    for of_key in [json!("Ed25519"), json!("EdDSA"), json!(null)] {
        let keys = json!({"keys": [changed("ed25519", "alg", of_key.clone())]}).to_string();
        let api = Handlers::start_with(&[("JWT_JWKS", &keys)]).await;
        for (of_token, status) in [
            ("Ed25519", 200),
            ("EdDSA", 200),
            ("Ed448", 401),
            ("ed25519", 401),
            ("ES256", 401),
            ("HS256", 401),
        ] {
            let token = token(&json!({"alg": of_token, "kid": "ed25519"}));
            let answer = api.send(Request::list("ann").token(&token)).await;
            assert_eq!(answer.status, status, "{of_key} {of_token}: {answer:?}");
        }
    }
}

/// Keys that this service does not understand or must not use, all with the same `kid`.
fn strange() -> Vec<Value> {
    let mut keys = vec![
        json!("no key"),
        json!(null),
        json!([]),
        json!({}),
        json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA"}),
        json!({"kty": "oct", "k": "c2VjcmV0", "alg": "HS256"}),
        json!({"kty": "OKP", "crv": "Ed25519"}),
        json!({"kty": "RSA", "n": "AQAB", "e": "AQAB"}),
    ];
    let changes = strange_members();
    keys.extend(changes.map(|(kid, member, value)| changed(kid, member, value)));
    for key in &mut keys {
        if let Some(key) = key.as_object_mut()
            && key.get("kid").is_none_or(Value::is_string)
        {
            key.insert("kid".into(), json!("strange"));
        }
    }
    keys
}

/// The keys of tests/keys, each with a member that the service does not accept.
fn strange_members() -> [(&'static str, &'static str, Value); 25] {
    [
        ("ed25519", "kty", json!("EC")),
        ("ed25519", "kty", json!(7)),
        ("ed25519", "crv", json!("Ed448")),
        ("ed25519", "crv", json!("new")),
        ("ed25519", "crv", json!(25519)),
        ("ed25519", "alg", json!("Ed448")),
        ("ed25519", "alg", json!("new")),
        ("ed25519", "alg", json!(["EdDSA"])),
        ("ed25519", "alg", json!("HS256")),
        ("ed25519", "use", json!("enc")),
        ("ed25519", "use", json!(7)),
        ("ed25519", "key_ops", json!(["sign"])),
        ("ed25519", "key_ops", json!("verify")),
        ("ed25519", "x", json!("")),
        ("ed25519", "x", json!("AAAA")),
        ("ed25519", "x", json!("A".repeat(44))),
        ("ed25519", "x", json!("not base64url!")),
        ("ed25519", "x", json!(7)),
        ("ed25519", "kid", json!(7)),
        ("p256", "x", json!("AAAA")),
        (
            "p256",
            "y",
            json!("vmrTgS3xMrLb_tsCv1wje8sy2DFjw-886TuaBv4i-Fg"),
        ),
        ("p256", "crv", json!("P-521")),
        ("p256", "crv", json!("secp256k1")),
        ("rsa", "e", json!("!")),
        ("rsa", "alg", json!("RSA-OAEP")),
    ]
}

async fn accepts(verifier: &Verifier, kid: Option<&str>, private: &str) -> bool {
    let algorithm = match private {
        "p256" => Algorithm::ES256,
        "rsa" => Algorithm::RS256,
        _ => Algorithm::EdDSA,
    };
    let mut header = json!({"alg": algorithm});
    if let Some(kid) = kid {
        header["kid"] = json!(kid);
    }
    let claims = claims().to_string();
    let token = token_of(&header.to_string(), &claims, &key(private), algorithm);
    verifier.verify(&token).await.is_ok()
}

#[tokio::test]
async fn a_key_that_is_not_understood_is_skipped_and_the_others_work() {
    for strange in strange() {
        let good = ["ed25519", "p256", "rsa"].map(published);
        let all = [from_ref(&strange), &good[..]].concat();
        let keys = json!({"keys": all}).to_string();
        let keys = KeySet::from_jwks(keys.as_bytes()).unwrap();
        let verifier = Verifier::new(keys, None, ClaimRules::default());
        for private in ["ed25519", "p256", "rsa"] {
            assert!(
                accepts(&verifier, Some(private), private).await,
                "{strange}"
            );
            // Without `kid`, a token is refused if a second key fits it.
            assert!(accepts(&verifier, None, private).await, "{strange}");
            assert!(
                !accepts(&verifier, Some("strange"), private).await,
                "{strange}"
            );
        }
    }
}

#[test]
fn a_configured_key_set_needs_a_key_that_is_understood() {
    for strange in strange() {
        let keys = json!({"keys": [strange]}).to_string();
        assert!(KeySet::from_jwks(keys.as_bytes()).is_err(), "{keys}");
    }
    for keys in ["", "{}", "[]", "null", r#"{"keys":{}}"#, r#"{"keys":[]}"#] {
        assert!(KeySet::from_jwks(keys.as_bytes()).is_err(), "{keys}");
    }
    let good = json!({"keys": [published("ed25519")]}).to_string();
    assert!(KeySet::from_jwks(good.as_bytes()).is_ok());
}

#[tokio::test]
async fn only_public_signing_keys_are_taken_from_a_published_set() {
    for (key, usable) in [
        (
            json!({"kty": "oct", "k": "c2VjcmV0", "kid": "a", "alg": "HS256"}),
            false,
        ),
        (
            json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "alg": "HS256"}),
            false,
        ),
        (
            json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "use": "enc"}),
            false,
        ),
        (
            json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "key_ops": ["sign"]}),
            false,
        ),
        (
            json!({"kty": "OKP", "crv": "X25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}),
            false,
        ),
        (json!({"kty": "RSA", "n": "AQAB", "e": "AQAB"}), false),
        (json!({"kty": "new", "x": "y"}), false),
        (json!("no key"), false),
        (
            json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "use": "sig"}),
            true,
        ),
    ] {
        let jwks = json!({"keys": [key]}).to_string();
        assert_eq!(KeySet::from_jwks(jwks.as_bytes()).is_ok(), usable, "{jwks}");
    }
}
