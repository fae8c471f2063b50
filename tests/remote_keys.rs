//! Keys published by the issuer: fetched during init, kept, and refreshed without a new deployment.
//! `tests/withdrawn_keys.rs` is about keys that it no longer publishes.

use std::time::Duration;

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use shared::auth::{
    ClaimRules, FetchLimits, KeySet, RemoteKeys, Unauthenticated, Verifier, VerifyError,
};

use crate::harness::Publisher;
use crate::harness::issuer::{claims, jwks, key, token_of};

pub const LIMITS: FetchLimits = FetchLimits {
    timeout: Duration::from_secs(2),
    refresh_timeout: Duration::from_secs(1),
    default_fresh: Duration::from_millis(200),
    min_fresh: Duration::from_millis(200),
    max_age: Duration::from_mins(1),
    interval: Duration::from_millis(200),
    interval_without_keys: Duration::from_millis(50),
};

pub fn verifier(publisher: &Publisher, limits: FetchLimits) -> Verifier {
    let remote = RemoteKeys::new(publisher.url().parse().unwrap(), limits);
    Verifier::new(KeySet::default(), Some(remote), ClaimRules::default())
}

/// A key set with only the keys that have these IDs.
pub fn only(kids: &[&str]) -> String {
    let mut jwks: Value = serde_json::from_str(&jwks()).unwrap();
    let keys = jwks["keys"].as_array_mut().unwrap();
    keys.retain(|key| kids.contains(&key["kid"].as_str().unwrap()));
    jwks.to_string()
}

pub fn token(kid: &str) -> String {
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

pub async fn subject(verifier: &Verifier, kid: &str) -> Result<String, VerifyError> {
    verifier
        .verify(&token(kid))
        .await
        .map(|identity| identity.subject)
}

pub fn is_unknown_key(result: &Result<String, VerifyError>) -> bool {
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
            publisher.answer(head, "<!doctype html>");
        }
        for _ in 0..3 {
            tokio::time::sleep(LIMITS.min_fresh).await;
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
