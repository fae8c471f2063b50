//! The form of a token: its parts, its header, and its JSON.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm::*;
use serde_json::{Value, json};

use super::{
    ACCEPTED, INVALID, MALFORMED, api, attack, of_claims, of_payload, shared, token, with,
};
use crate::harness::SECRET;
use crate::harness::issuer::{at, claims, key, token_of};

#[tokio::test]
async fn a_token_without_exactly_three_parts_is_refused() {
    let api = api(&[]).await;
    let good = of_claims(&claims());
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (header, payload) = signed.split_once('.').unwrap();
    attack(
        &api,
        vec![
            ("one part", signature.into(), INVALID),
            ("two parts", signed.into(), INVALID),
            ("four parts", format!("{good}.{signature}"), INVALID),
            ("four parts, an empty one", format!("{good}."), INVALID),
            (
                "five parts: JWE",
                format!("{header}..{payload}.{payload}.{signature}"),
                INVALID,
            ),
            ("no header", format!(".{payload}.{signature}"), INVALID),
            ("no payload", format!("{header}..{signature}"), INVALID),
            (
                "padded header",
                format!("{header}=.{payload}.{signature}"),
                INVALID,
            ),
            (
                "another payload",
                format!(
                    "{header}.{}.{signature}",
                    URL_SAFE_NO_PAD.encode(with("sub", json!("bob")))
                ),
                INVALID,
            ),
        ],
    )
    .await;
}

fn signed_with_ed25519(header: Value) -> String {
    token(header, &claims(), &key("ed25519"), EdDSA)
}

#[tokio::test]
async fn a_key_id_is_only_compared() {
    let api = api(&[]).await;
    let mut cases = Vec::new();
    for kid in [
        "../../../../dev/null",
        "/etc/passwd",
        "' or '1'='1",
        "\0",
        "ed25519\0",
        "ED25519",
        "",
        "http://evil.example/jwks",
    ] {
        cases.push(("kid", shared(json!({"alg": "HS256", "kid": kid})), INVALID));
        let eddsa = signed_with_ed25519(json!({"alg": "EdDSA", "kid": kid}));
        cases.push(("kid", eddsa, INVALID));
    }
    let long = shared(json!({"alg": "HS256", "kid": "k".repeat(10_000)}));
    let number = shared(json!({"alg": "HS256", "kid": 7}));
    let one_fits = signed_with_ed25519(json!({"alg": "EdDSA"}));
    let two_fit = token(json!({"alg": "RS256"}), &claims(), &key("rsa"), RS256);
    cases.extend([
        ("kid of 10 kB", long, MALFORMED),
        ("kid a number", number, INVALID),
        ("no kid, one key fits", one_fits, ACCEPTED),
        ("no kid, two keys fit", two_fit, INVALID),
    ]);
    attack(&api, cases).await;
}

#[tokio::test]
async fn a_key_inside_a_token_is_ignored() {
    let api = api(&[]).await;
    let jwk = json!({"kty": "oct", "k": URL_SAFE_NO_PAD.encode("attacker")});
    let mut cases = Vec::new();
    for (name, value) in [
        ("jwk", jwk),
        ("jku", json!("http://127.0.0.1:1/jwks")),
        ("x5u", json!("http://127.0.0.1:1/")),
        ("x5c", json!(["AAAA"])),
    ] {
        let mut header = json!({"alg": "HS256"});
        header[name] = value;
        cases.push((
            name,
            token(header.clone(), &claims(), &key("attacker"), HS256),
            INVALID,
        ));
        cases.push((name, shared(header), ACCEPTED));
    }
    attack(&api, cases).await;
}

#[tokio::test]
async fn a_token_that_is_not_understood_is_refused() {
    let api = api(&[]).await;
    let mut cases = Vec::new();
    for (name, value) in [
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("crit", json!(null)),
        ("b64", json!(false)),
        ("b64", json!(true)),
        ("zip", json!("DEF")),
        ("cty", json!("JWT")),
        ("enc", json!("A256GCM")),
        ("typ", json!("dpop+jwt")),
        ("typ", json!("secevent+jwt")),
        ("typ", json!("")),
        ("typ", json!(1)),
    ] {
        let mut header = json!({"alg": "HS256"});
        header[name] = value;
        cases.push((name, shared(header), INVALID));
    }
    for typ in ["JWT", "jwt", "at+jwt"] {
        cases.push(("typ", shared(json!({"alg": "HS256", "typ": typ})), ACCEPTED));
    }
    let nested = of_claims(&claims());
    cases.push((
        "nested",
        token_of(
            r#"{"alg":"HS256","cty":"JWT"}"#,
            &nested,
            &key(SECRET),
            HS256,
        ),
        INVALID,
    ));
    cases.push(("nested, not said", of_payload(&nested), INVALID));
    attack(&api, cases).await;
}

#[tokio::test]
async fn a_repeated_member_is_refused() {
    let api = api(&[]).await;
    let exp = at(60);
    let sub_twice = format!(r#"{{"sub":"bob","sub":"ann","exp":{exp}}}"#);
    let exp_twice = format!(r#"{{"sub":"ann","exp":1,"exp":{exp}}}"#);
    let in_order = format!(r#"[{exp},1,1,"","","","","ann","",""]"#);
    let payloads = [
        ("sub", sub_twice.as_str()),
        ("exp", &exp_twice),
        ("no object", "[]"),
        ("values in the order of the claims", &in_order),
        ("a string", "\"ann\""),
        ("nothing", ""),
        ("no UTF-8", "{\"sub\":\"ann\u{0}\"}"),
    ];
    let headers = [
        ("alg", r#"{"alg":"none","alg":"HS256"}"#),
        ("kid", r#"{"alg":"HS256","kid":"a","kid":"b"}"#),
        ("values in the order of the header", r#"["HS256"]"#),
    ];
    let mut cases = Vec::from(payloads.map(|(name, text)| (name, of_payload(text), INVALID)));
    for (name, header) in headers {
        let token = token_of(header, &claims().to_string(), &key(SECRET), HS256);
        cases.push((name, token, INVALID));
    }
    attack(&api, cases).await;
}
