//! Forged tokens and malformed headers, each with the answer it must get.

mod form;
mod keys;
mod payload;

use jsonwebtoken::Algorithm::{self, HS256};
use jsonwebtoken::EncodingKey;
use serde_json::{Value, json};

use crate::harness::issuer::{claims, jwks, key, token_of};
use crate::harness::{Handlers, Request, SECRET};

/// The answer to a token: the status and the error code of RFC 6750.
type Expected = (u16, Option<&'static str>);

const ACCEPTED: Expected = (200, None);
const INVALID: Expected = (401, Some("invalid_token"));
const MALFORMED: Expected = (400, Some("invalid_request"));

/// The API, configured with the shared secret and the issuer's public keys.
async fn api(rules: &[(&str, &str)]) -> Handlers {
    let jwks = jwks();
    Handlers::start_with(&[&[("JWT_JWKS", jwks.as_str())], rules].concat()).await
}

/// A name for humans, a token, and the answer to it.
type TokenCase<'a> = (&'a str, String, Expected);

async fn attack(api: &Handlers, cases: Vec<TokenCase<'_>>) {
    for (name, token, (status, code)) in cases {
        let answer = api.send(Request::list("ann").token(&token)).await;
        assert_eq!(answer.status, status, "{name}: {answer:?}");
        if status != 200 {
            answer.problem(status);
            let challenge = answer.header("www-authenticate").unwrap();
            assert!(
                challenge.starts_with("Bearer realm=\"tasks\""),
                "{name}: {challenge}"
            );
            assert_eq!(
                challenge.contains(&format!("error=\"{}\"", code.unwrap())),
                code.is_some(),
                "{name}: {challenge}"
            );
        }
    }
}

/// A token with this header and these claims, signed with this key and algorithm.
fn token(header: Value, claims: &Value, key: &EncodingKey, algorithm: Algorithm) -> String {
    token_of(&header.to_string(), &claims.to_string(), key, algorithm)
}

fn shared(header: Value) -> String {
    token(header, &claims(), &key(SECRET), HS256)
}

fn of_claims(claims: &Value) -> String {
    token(
        json!({"alg": "HS256", "typ": "JWT"}),
        claims,
        &key(SECRET),
        HS256,
    )
}

fn of_payload(payload: &str) -> String {
    token_of(r#"{"alg":"HS256"}"#, payload, &key(SECRET), HS256)
}

/// A token with these claims, except that one has another value.
fn altered(claims: &Value, name: &str, value: Value) -> String {
    let mut claims = claims.clone();
    claims[name] = value;
    of_claims(&claims)
}

fn with(name: &str, value: Value) -> String {
    altered(&claims(), name, value)
}

fn without(name: &str) -> String {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    of_claims(&claims)
}

#[tokio::test]
async fn a_token_in_the_query_is_ignored() {
    let api = api(&[]).await;
    for parameter in ["access_token", "token", "authorization"] {
        let query = format!("{parameter}={}", of_claims(&claims()));
        api.send(Request::list("ann").anonymous().query(&query))
            .await
            .problem(401);
    }
}

#[tokio::test]
async fn task_scopes_limit_what_a_token_allows() {
    let api = api(&[]).await;
    let id = api.create("ann", "t").await;
    for (scopes, reads, writes) in [
        (json!({}), 200, 200),
        (json!({"scope": "openid email"}), 200, 200),
        (json!({"scope": "openid tasks:read"}), 200, 403),
        (json!({"scope": "tasks:write"}), 200, 200),
        (json!({"scope": "tasks:read tasks:write"}), 200, 200),
        (json!({"scp": ["tasks:read"]}), 200, 403),
        (
            json!({"scp": "tasks:write", "scope": "tasks:read"}),
            200,
            200,
        ),
        (json!({"scope": "tasks:admin"}), 403, 403),
        (json!({"scope": "tasks:READ"}), 403, 403),
        (json!({"scope": ["tasks:read", 7]}), 401, 401),
        (json!({"scope": null}), 401, 401),
    ] {
        let mut claims = claims();
        claims
            .as_object_mut()
            .unwrap()
            .extend(scopes.as_object().unwrap().clone());
        let token = of_claims(&claims);
        let read = api.send(Request::get("ann", &id).token(&token)).await;
        let write = api
            .send(Request::put("ann", &id).json(&json!({})).token(&token))
            .await;
        assert_eq!((read.status, write.status), (reads, writes), "{scopes}");
        if writes == 403 {
            let challenge = write.header("www-authenticate").unwrap();
            assert_eq!(
                challenge,
                "Bearer realm=\"tasks\", error=\"insufficient_scope\", scope=\"tasks:write\""
            );
        }
    }
}
