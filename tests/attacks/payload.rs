//! Claims that are missing, malformed, or not acceptable.

use serde_json::json;

use super::{
    ACCEPTED, INVALID, TokenCase, altered, api, attack, of_claims, of_payload, with, without,
};
use crate::harness::Request;
use crate::harness::issuer::{at, claims};

#[tokio::test]
async fn times_must_be_numbers_within_bounds() {
    let api = api(&[]).await;
    let too_large = of_payload(r#"{"sub":"ann","exp":1e400}"#);
    let with_a_fraction = of_payload(&format!(r#"{{"sub":"ann","exp":{}.5}}"#, at(60)));
    let mut cases = vec![
        ("exp missing", without("exp"), INVALID),
        ("exp 1e400", too_large, INVALID),
        ("exp with a fraction", with_a_fraction, ACCEPTED),
    ];
    cases.extend(lifetimes());
    cases.extend(moments());
    for name in ["exp", "nbf", "iat"] {
        for wrong in [
            json!(null),
            json!("1"),
            json!(at(60).to_string()),
            json!([1]),
            json!({}),
            json!(true),
        ] {
            cases.push((name, with(name, wrong), INVALID));
        }
    }
    for wrong in [
        json!(-1),
        json!(0),
        json!(9_223_372_036_854_775_808_u64),
        json!(1e300),
        json!(-1e300),
    ] {
        cases.push(("exp", with("exp", wrong), INVALID));
    }
    attack(&api, cases).await;
}

/// Tokens that live for about as long as a token may live.
fn lifetimes() -> [TokenCase<'static>; 4] {
    let month = 30 * 24 * 3600;
    [
        ("lives a month", Some(0), month, ACCEPTED),
        ("lives longer", Some(0), month + 60, INVALID),
        ("lives longer, iat not said", None, month + 60, INVALID),
        ("lived for long", Some(-month), 60, INVALID),
    ]
    .map(|(name, issued, expires, expected)| {
        let mut claims = json!({"sub": "ann", "exp": at(expires)});
        if let Some(issued) = issued {
            claims["iat"] = json!(at(issued));
        }
        (name, of_claims(&claims), expected)
    })
}

/// Tokens with one time close to now.
fn moments() -> [TokenCase<'static>; 6] {
    [
        ("exp within the leeway", "exp", -3, ACCEPTED),
        ("exp beyond the leeway", "exp", -7, INVALID),
        ("nbf in the future", "nbf", 60, INVALID),
        ("nbf within the leeway", "nbf", 3, ACCEPTED),
        ("nbf in the past", "nbf", -60, ACCEPTED),
        ("iat in the future", "iat", 60, INVALID),
    ]
    .map(|(name, claim, seconds, expected)| (name, with(claim, json!(at(seconds))), expected))
}

#[tokio::test]
async fn a_subject_must_be_a_string_that_can_be_stored() {
    let api = api(&[]).await;
    let mut cases = vec![("missing", without("sub"), INVALID)];
    for wrong in [
        json!(""),
        json!(7),
        json!({}),
        json!(["ann"]),
        json!(null),
        json!(true),
        json!("ann\0"),
        json!("ü".repeat(256)),
    ] {
        cases.push(("sub", with("sub", wrong), INVALID));
    }
    attack(&api, cases).await;
    let others = [
        ("sub", "user_id", "id", 200),
        ("other", "sub", "id", 200),
        ("other", "user_id", "id", 200),
        ("other", "none", "id", 200),
    ];
    for (first, second, third, status) in others {
        let mut claims = json!({"exp": at(60), third: "carl"});
        claims[second] = json!("bob");
        claims[first] = json!("ann");
        let subject = ["sub", "user_id", "id"]
            .iter()
            .find_map(|name| claims[name].as_str())
            .unwrap();
        let request = Request::list(subject).token(&of_claims(&claims));
        assert_eq!(api.send(request).await.status, status, "{claims}");
    }
    let fallback = of_claims(&json!({"sub": 7, "user_id": "ann", "exp": at(60)}));
    attack(
        &api,
        vec![("user_id does not replace an invalid sub", fallback, INVALID)],
    )
    .await;
}

#[tokio::test]
async fn issuer_and_audience_are_required_if_configured() {
    let api = api(&[
        ("JWT_ISSUER", "https://auth.example"),
        ("JWT_AUDIENCE", "tasks"),
    ])
    .await;
    let good = json!({"sub": "ann", "exp": at(60), "iss": "https://auth.example", "aud": "tasks"});
    let mut cases = vec![
        ("good", of_claims(&good), ACCEPTED),
        ("neither", of_claims(&claims()), INVALID),
    ];
    for aud in [json!(["tasks"]), json!(["other", "tasks"])] {
        cases.push(("aud", altered(&good, "aud", aud), ACCEPTED));
    }
    for aud in [
        json!(null),
        json!(7),
        json!(""),
        json!("Tasks"),
        json!([]),
        json!(["other"]),
        json!(["tasks", 7]),
        json!({"tasks": 1}),
    ] {
        cases.push(("aud", altered(&good, "aud", aud), INVALID));
    }
    for iss in [
        json!(null),
        json!(7),
        json!("https://auth.example/"),
        json!(["https://auth.example"]),
        json!("https://evil.example"),
    ] {
        cases.push(("iss", altered(&good, "iss", iss), INVALID));
    }
    attack(&api, cases).await;
}
