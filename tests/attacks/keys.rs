//! Signatures: with the wrong key, the wrong algorithm, or altered.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm::{self, *};
use jsonwebtoken::EncodingKey;
use serde_json::{Value, json};

use super::{ACCEPTED, INVALID, TokenCase, api, attack, of_claims, shared, token};
use crate::harness::issuer::{claims, jwks, key};
use crate::harness::{Request, SECRET};

const STATED: [&str; 13] = [
    "HS256", "HS384", "HS512", "ES256", "ES384", "RS256", "RS384", "RS512", "PS256", "PS384",
    "PS512", "EdDSA", "Ed25519",
];

/// The keys, each with an algorithm that it supports and states.
const SUPPORTED: [&str; 9] = [
    "rsa RS256",
    "rsa-any RS256",
    "rsa-any RS384",
    "rsa-any RS512",
    "rsa-any PS256",
    "p256 ES256",
    "p384 ES384",
    "ed25519 EdDSA",
    "ed25519 Ed25519",
];

/// The stated algorithm if a key of this kind can sign with it, otherwise one that can.
fn possible(kid: &str, stated: &str) -> Algorithm {
    match (kid, stated.parse()) {
        ("rsa" | "rsa-any", Ok(algorithm @ (RS256 | RS384 | RS512 | PS256 | PS384 | PS512))) => {
            algorithm
        }
        ("rsa" | "rsa-any", _) => RS256,
        ("p256", _) => ES256,
        ("p384", _) => ES384,
        _ => EdDSA,
    }
}

#[tokio::test]
async fn each_key_works_only_with_its_own_algorithms() {
    let api = api(&[]).await;
    let mut accepted = Vec::new();
    for kid in ["rsa", "rsa-any", "p256", "p384", "ed25519"] {
        for stated in STATED {
            let header = json!({"alg": stated, "kid": kid});
            let token = token(header, &claims(), &key(kid), possible(kid, stated));
            let status = api.send(Request::list("ann").token(&token)).await.status;
            assert!(status == 200 || status == 401, "{kid} {stated}: {status}");
            if status == 200 {
                accepted.push(format!("{kid} {stated}"));
            }
        }
    }
    assert_eq!(accepted, SUPPORTED);
}

#[tokio::test]
async fn the_algorithm_none_is_refused() {
    let api = api(&[]).await;
    let mut cases = Vec::new();
    for none in [
        "none", "None", "NONE", "nOnE", "", "null", "HS256 ", "hs256",
    ] {
        let signed = shared(json!({"alg": none}));
        let unsigned = format!("{}.", signed.rsplit_once('.').unwrap().0);
        cases.push((none, signed, INVALID));
        cases.push((none, unsigned, INVALID));
    }
    cases.push(("alg null", shared(json!({"alg": null})), INVALID));
    cases.push(("alg a list", shared(json!({"alg": ["HS256"]})), INVALID));
    cases.push(("no alg", shared(json!({"typ": "JWT"})), INVALID));
    attack(&api, cases).await;
}

#[tokio::test]
async fn a_public_key_does_not_work_as_a_shared_secret() {
    let api = api(&[]).await;
    let jwks: Value = serde_json::from_str(&jwks()).unwrap();
    let mut cases = Vec::new();
    for jwk in jwks["keys"].as_array().unwrap() {
        let bytes = ["n", "x"]
            .iter()
            .find_map(|name| jwk[name].as_str())
            .unwrap();
        let raw = URL_SAFE_NO_PAD.decode(bytes).unwrap();
        let pem = format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            STANDARD.encode(&raw)
        );
        for secret in [
            raw,
            pem.into_bytes(),
            jwk.to_string().into_bytes(),
            bytes.as_bytes().to_vec(),
        ] {
            let secret = EncodingKey::from_secret(&secret);
            for header in [
                json!({"alg": "HS256", "kid": jwk["kid"]}),
                json!({"alg": "HS256"}),
            ] {
                cases.push((
                    "signed with a public key",
                    token(header, &claims(), &secret, HS256),
                    INVALID,
                ));
            }
        }
    }
    attack(&api, cases).await;
}

#[tokio::test]
async fn the_shared_secret_works_only_with_hs256() {
    let api = api(&[]).await;
    let sign = |algorithm| {
        token(
            json!({"alg": algorithm}),
            &claims(),
            &key(SECRET),
            algorithm,
        )
    };
    attack(
        &api,
        vec![
            ("HS256", sign(HS256), ACCEPTED),
            ("HS384", sign(HS384), INVALID),
            ("HS512", sign(HS512), INVALID),
        ],
    )
    .await;
}

/// A signature of HS256 with another last character that stands for the same bytes: only four bits
/// of the last of the 43 characters count, so it is not canonical.
fn noncanonical(signature: &str) -> String {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let position = alphabet.find(&signature[42..]).unwrap();
    format!(
        "{}{}",
        &signature[..42],
        &alphabet[position + 1..position + 2]
    )
}

#[tokio::test]
async fn an_altered_signature_is_refused() {
    let api = api(&[]).await;
    let good = of_claims(&claims());
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let mut cases = vec![("good", good.clone(), ACCEPTED)];
    for wrong in [
        "",
        "AA",
        &signature[..42],
        &signature[..40],
        &noncanonical(signature),
        &format!("{signature}="),
        &format!("{signature}AAAA"),
        &signature.replace(['-', '_'], "+"),
    ] {
        let expected = if wrong == signature {
            ACCEPTED
        } else {
            INVALID
        };
        cases.push(("signature", format!("{signed}.{wrong}"), expected));
    }
    for (kid, algorithm) in [
        ("p256", ES256),
        ("p384", ES384),
        ("ed25519", EdDSA),
        ("rsa", RS256),
    ] {
        cases.extend(altered_signatures(kid, algorithm));
    }
    attack(&api, cases).await;
}

/// Tokens signed with a private key: with an empty, a zero, a shortened, and the good signature.
fn altered_signatures(kid: &str, algorithm: Algorithm) -> [TokenCase<'_>; 4] {
    let header = json!({"alg": algorithm, "kid": kid});
    let good = token(header, &claims(), &key(kid), algorithm);
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let length = URL_SAFE_NO_PAD.decode(signature).unwrap().len();
    let zeros = URL_SAFE_NO_PAD.encode(vec![0; length]);
    [
        (kid, format!("{signed}."), INVALID),
        (kid, format!("{signed}.{zeros}"), INVALID),
        (kid, format!("{signed}.{}", &signature[4..]), INVALID),
        (kid, good, ACCEPTED),
    ]
}
