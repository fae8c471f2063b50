//! Who is let in, and what everyone else is answered (RFC 6750).

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::harness::{Handlers, Request, SECRET, token};

pub fn signed(claims: &Value) -> String {
    local::token::sign(SECRET, claims).unwrap()
}

/// Seconds since the epoch, `offset` seconds from now.
fn at(offset: i64) -> i64 {
    Timestamp::now().as_second() + offset
}

#[tokio::test]
async fn a_request_without_a_token_gets_a_challenge_without_an_error_code() {
    let api = Handlers::start().await;
    let basic = Request::list("ann")
        .anonymous()
        .header("authorization", "Basic YW5uOnB3");
    for request in [Request::list("ann").anonymous(), basic] {
        let answer = api.send(request).await;
        assert_eq!(answer.problem(401)["type"], "/docs/problems#missing-token");
        assert_eq!(
            answer.header("www-authenticate"),
            Some("Bearer realm=\"tasks\"")
        );
    }
}

#[tokio::test]
async fn a_malformed_or_repeated_header_is_a_bad_request() {
    let api = Handlers::start().await;
    let token = token("ann");
    let twice = Request::list("ann").header("authorization", &format!("Bearer {token}"));
    let malformed = |value: &str| {
        Request::list("ann")
            .anonymous()
            .header("authorization", value)
    };
    for request in [
        twice,
        malformed("Bearer"),
        malformed(&token),
        malformed("Bearer a b"),
        malformed(""),
    ] {
        let answer = api.send(request).await;
        answer.problem(400);
        let challenge = answer.header("www-authenticate").unwrap();
        assert!(
            challenge.contains("error=\"invalid_request\""),
            "{challenge}"
        );
    }
}

#[tokio::test]
async fn the_scheme_is_case_insensitive() {
    let api = Handlers::start().await;
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let value = format!("{scheme} {}", token("ann"));
        api.send(
            Request::list("ann")
                .anonymous()
                .header("authorization", &value),
        )
        .await
        .expect(200);
    }
}

/// Claims that are refused, and the reason.
fn bad_claims() -> [(Value, &'static str); 8] {
    let [exp, nbf, sub] = [
        "its claim `exp` is missing or wrong.",
        "its claim `nbf` is missing or wrong.",
        "its claim `sub` is missing or wrong.",
    ];
    let expired = "The token has expired.";
    let early = "The token is not valid yet.";
    [
        (json!({"sub": "ann", "exp": at(-60)}), expired),
        (json!({"sub": "ann", "exp": at(60), "nbf": at(60)}), early),
        (json!({"sub": "ann"}), exp),
        (json!({"sub": "ann", "exp": "2099-01-01"}), exp),
        (json!({"sub": "ann", "exp": at(60), "nbf": "now"}), nbf),
        (json!({"exp": at(60)}), sub),
        (json!({"sub": "", "exp": at(60)}), sub),
        (json!({"sub": 7, "user_id": "ann", "exp": at(60)}), sub),
    ]
}

#[tokio::test]
async fn a_bad_token_is_refused_with_the_reason() {
    let api = Handlers::start().await;
    let good = token("ann");
    let (signed_part, _) = good.rsplit_once('.').unwrap();
    let other_secret =
        local::token::sign("another secret", &json!({"sub": "ann", "exp": at(60)})).unwrap();
    let mut cases = Vec::from(bad_claims().map(|(claims, detail)| (signed(&claims), detail)));
    cases.extend([
        (other_secret, "its signature is wrong."),
        (format!("{signed_part}.AAAA"), "its signature is wrong."),
        (format!("{signed_part}."), "The token is not valid"),
        (signed_part.to_owned(), "The token is not valid"),
        ("x".to_owned(), "The token is not valid"),
        ("..".to_owned(), "The token is not valid"),
    ]);
    for (token, detail) in cases {
        let answer = api.send(Request::list("ann").token(&token)).await;
        let problem = answer.problem(401);
        assert_eq!(problem["type"], "/docs/problems#invalid-token", "{token}");
        assert!(
            problem["detail"].as_str().unwrap().contains(detail),
            "{token}: {problem}"
        );
        let challenge = answer.header("www-authenticate").unwrap();
        assert!(
            challenge.starts_with("Bearer realm=\"tasks\", error=\"invalid_token\""),
            "{challenge}"
        );
    }
}

#[tokio::test]
async fn an_unsigned_token_is_refused() {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    let api = Handlers::start().await;
    let claims = URL_SAFE_NO_PAD.encode(json!({"sub": "ann", "exp": at(60)}).to_string());
    for header in [
        r#"{"alg":"none"}"#,
        r#"{"alg":"None","typ":"JWT"}"#,
        r#"{"typ":"JWT"}"#,
        "{}",
    ] {
        let token = format!("{}.{claims}.", URL_SAFE_NO_PAD.encode(header));
        api.send(Request::list("ann").token(&token))
            .await
            .problem(401);
    }
}

#[tokio::test]
async fn tokens_of_the_former_backend_may_use_user_id_or_id() {
    let api = Handlers::start().await;
    for claims in [
        json!({"user_id": "ann", "exp": at(60)}),
        json!({"id": "ann", "exp": at(60)}),
    ] {
        api.send(Request::list("ann").token(&signed(&claims)))
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn another_users_path_is_forbidden() {
    let api = Handlers::start().await;
    let id = api.create("bob", "his").await;
    for request in Request::every_operation("bob", &id) {
        let answer = api.send(request.token(&token("ann"))).await;
        assert_eq!(answer.problem(403)["type"], "/docs/problems#forbidden");
    }
}

#[tokio::test]
async fn a_user_id_is_an_opaque_string() {
    let api = Handlers::start().await;
    let longest = "ü".repeat(255);
    for user_id in [
        "auth0|5f7",
        "me@example.com",
        "a/b",
        "with space",
        "100%",
        "%41",
        "ü",
        "a,b",
        "..",
        &longest,
    ] {
        let created = api
            .send(Request::create(user_id).json(&json!({"title": "t"})))
            .await;
        let task = created.expect(201);
        assert_eq!(task["user_id"], user_id);
        let id = task["id"].as_str().unwrap();
        let path = Request::get(user_id, id).path();
        assert_eq!(
            created.header("location").map(decoded),
            Some(decoded(&path)),
            "{user_id}"
        );
        api.send(Request::get(user_id, id)).await.expect(200);
    }
}

fn decoded(path: &str) -> String {
    percent_encoding::percent_decode_str(path)
        .decode_utf8()
        .unwrap()
        .into_owned()
}
