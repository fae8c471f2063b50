//! Keys published by the issuer: fetched during init, kept, and refreshed without a new deployment.

use std::time::Duration;

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use shared::auth::{
    ClaimRules, FetchLimits, KeySet, RemoteKeys, Unauthenticated, Verifier, VerifyError,
};

use crate::harness::Publisher;
use crate::harness::issuer::{claims, jwks, key, token_of};

const LIMITS: FetchLimits = FetchLimits {
    timeout: Duration::from_millis(300),
    default_fresh: Duration::from_millis(200),
    min_fresh: Duration::from_millis(200),
    max_fresh: Duration::from_millis(200),
    interval: Duration::from_millis(200),
    interval_without_keys: Duration::from_millis(50),
};

fn verifier(publisher: &Publisher, limits: FetchLimits) -> Verifier {
    let remote = RemoteKeys::new(publisher.url().parse().unwrap(), limits);
    Verifier::new(KeySet::default(), Some(remote), ClaimRules::default())
}

/// A key set with only the keys that have these IDs.
fn only(kids: &[&str]) -> String {
    let mut jwks: Value = serde_json::from_str(&jwks()).unwrap();
    let keys = jwks["keys"].as_array_mut().unwrap();
    keys.retain(|key| kids.contains(&key["kid"].as_str().unwrap()));
    jwks.to_string()
}

fn token(kid: &str) -> String {
    let (private, algorithm) = match kid {
        "p256" => ("p256", Algorithm::ES256),
        _ => ("ed25519", Algorithm::EdDSA),
    };
    token_of(
        &json!({"alg": algorithm, "kid": kid}).to_string(),
        &claims().to_string(),
        &key(private),
        algorithm,
    )
}

async fn subject(verifier: &Verifier, kid: &str) -> Result<String, VerifyError> {
    verifier
        .verify(&token(kid))
        .await
        .map(|identity| identity.subject)
}

fn is_unknown_key(result: &Result<String, VerifyError>) -> bool {
    matches!(
        result,
        Err(VerifyError::Unauthenticated(Unauthenticated::UnknownKey))
    )
}

#[tokio::test]
async fn keys_are_fetched_during_init_and_not_for_each_request() {
    let publisher = Publisher::start().await;
    publisher.publish(&only(&["ed25519"]));
    let verifier = verifier(&publisher, FetchLimits::default());
    verifier.warm_up().await;
    assert_eq!(publisher.requests(), 1);
    for _ in 0..10 {
        assert_eq!(subject(&verifier, "ed25519").await.unwrap(), "ann");
    }
    assert_eq!(publisher.requests(), 1);
}

#[tokio::test]
async fn a_rotated_key_is_fetched_when_the_first_token_names_it() {
    let publisher = Publisher::start().await;
    publisher.publish(&only(&["ed25519"]));
    let verifier = verifier(&publisher, FetchLimits::default());
    verifier.warm_up().await;
    publisher.publish(&only(&["ed25519", "p256"]));
    assert_eq!(subject(&verifier, "p256").await.unwrap(), "ann");
    assert_eq!(subject(&verifier, "ed25519").await.unwrap(), "ann");
    assert_eq!(publisher.requests(), 2);
}

#[tokio::test]
async fn unknown_key_ids_do_not_hammer_the_issuer() {
    let publisher = Publisher::start().await;
    publisher.publish(&only(&["ed25519"]));
    let verifier = verifier(&publisher, FetchLimits::default());
    verifier.warm_up().await;
    let kids: Vec<String> = (0..100).map(|number| format!("made up {number}")).collect();
    let results =
        futures_util::future::join_all(kids.iter().map(|kid| subject(&verifier, kid))).await;
    assert!(results.iter().all(is_unknown_key));
    assert_eq!(publisher.requests(), 2);
}

#[tokio::test]
async fn a_withdrawn_key_is_forgotten_when_the_keys_are_refreshed_in_the_background() {
    let publisher = Publisher::start().await;
    publisher.publish(&only(&["ed25519", "p256"]));
    let verifier = verifier(&publisher, LIMITS);
    verifier.warm_up().await;
    publisher.publish(&only(&["p256"]));
    tokio::time::sleep(LIMITS.max_fresh).await;

    assert_eq!(
        subject(&verifier, "ed25519").await.unwrap(),
        "ann",
        "the request waited for the refresh"
    );
    tokio::time::sleep(Duration::from_millis(100)).await;

    assert_eq!(publisher.requests(), 2);
    assert!(is_unknown_key(&subject(&verifier, "ed25519").await));
    assert_eq!(subject(&verifier, "p256").await.unwrap(), "ann");
}

#[tokio::test]
async fn known_keys_keep_working_while_the_issuer_is_down() {
    let publisher = Publisher::start().await;
    publisher.publish(&only(&["ed25519"]));
    let verifier = verifier(&publisher, LIMITS);
    verifier.warm_up().await;
    for head in [
        "",
        "500 Oops",
        "200 OK",
        "302 Found\r\nlocation: http://127.0.0.1:1/",
    ] {
        if head.is_empty() {
            publisher.fall_silent();
        } else {
            publisher.answer(head, "{\"keys\":[]}");
        }
        for _ in 0..3 {
            tokio::time::sleep(LIMITS.max_fresh).await;
            assert_eq!(
                subject(&verifier, "ed25519").await.unwrap(),
                "ann",
                "{head}"
            );
        }
        assert!(is_unknown_key(&subject(&verifier, "p256").await), "{head}");
    }
    assert!(publisher.requests() > 4, "it was asked for new keys");
}

#[tokio::test]
async fn tokens_cannot_be_verified_until_the_issuer_is_first_reached() {
    let publisher = Publisher::start().await;
    let verifier = verifier(&publisher, LIMITS);
    verifier.warm_up().await;
    assert!(matches!(
        subject(&verifier, "ed25519").await,
        Err(VerifyError::IssuerUnavailable)
    ));

    publisher.publish(&only(&["ed25519"]));
    tokio::time::sleep(LIMITS.interval_without_keys).await;

    assert_eq!(subject(&verifier, "ed25519").await.unwrap(), "ann");
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
