//! Forged tokens and malformed headers, each with the answer it must get.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm::{self, *};
use jsonwebtoken::EncodingKey;
use serde_json::{Value, json};

use crate::harness::issuer::{at, claims, jwks, key, token_of};
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

async fn attack(api: &Handlers, cases: Vec<(&str, String, Expected)>) {
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

fn with(name: &str, value: Value) -> String {
    let mut claims = claims();
    claims[name] = value;
    of_claims(&claims)
}

fn without(name: &str) -> String {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    of_claims(&claims)
}

#[tokio::test]
async fn each_key_works_only_with_its_own_algorithms() {
    let api = api(&[]).await;
    let all = [
        "HS256", "HS384", "HS512", "ES256", "ES384", "RS256", "RS384", "RS512", "PS256", "PS384",
        "PS512", "EdDSA", "Ed25519",
    ];
    let mut accepted = Vec::new();
    for kid in ["rsa", "rsa-any", "p256", "p384", "ed25519"] {
        for stated in all {
            // Signed with the stated algorithm if the key supports it, otherwise with one it
            // supports.
            let algorithm = match (kid, stated.parse()) {
                (
                    "rsa" | "rsa-any",
                    Ok(algorithm @ (RS256 | RS384 | RS512 | PS256 | PS384 | PS512)),
                ) => algorithm,
                ("rsa" | "rsa-any", _) => RS256,
                ("p256", _) => ES256,
                ("p384", _) => ES384,
                _ => EdDSA,
            };
            let token = token(
                json!({"alg": stated, "kid": kid}),
                &claims(),
                &key(kid),
                algorithm,
            );
            let status = api.send(Request::list("ann").token(&token)).await.status;
            assert!(status == 200 || status == 401, "{kid} {stated}: {status}");
            if status == 200 {
                accepted.push(format!("{kid} {stated}"));
            }
        }
    }
    assert_eq!(
        accepted,
        [
            "rsa RS256",
            "rsa-any RS256",
            "rsa-any RS384",
            "rsa-any RS512",
            "rsa-any PS256",
            "p256 ES256",
            "p384 ES384",
            "ed25519 EdDSA",
            "ed25519 Ed25519",
        ]
    );
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

#[tokio::test]
async fn an_altered_signature_is_refused() {
    let api = api(&[]).await;
    let good = of_claims(&claims());
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let last = signature.chars().last().unwrap();
    // Only four bits of the last of the 43 characters count: a different character with the same
    // four bits is not canonical.
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let position = alphabet.find(last).unwrap();
    let noncanonical = format!(
        "{}{}",
        &signature[..42],
        &alphabet[position + 1..position + 2]
    );
    let mut cases = vec![("good", good.clone(), ACCEPTED)];
    for wrong in [
        "",
        "AA",
        &signature[..42],
        &signature[..40],
        &noncanonical,
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
        let good = token(
            json!({"alg": algorithm, "kid": kid}),
            &claims(),
            &key(kid),
            algorithm,
        );
        let (signed, signature) = good.rsplit_once('.').unwrap();
        let zeros =
            URL_SAFE_NO_PAD.encode(vec![0; URL_SAFE_NO_PAD.decode(signature).unwrap().len()]);
        cases.push((kid, format!("{signed}."), INVALID));
        cases.push((kid, format!("{signed}.{zeros}"), INVALID));
        cases.push((kid, format!("{signed}.{}", &signature[4..]), INVALID));
        cases.push((kid, good, ACCEPTED));
    }
    attack(&api, cases).await;
}

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

#[tokio::test]
async fn a_key_id_is_only_compared() {
    let api = api(&[]).await;
    let long = "k".repeat(10_000);
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
        cases.push((
            "kid",
            token(
                json!({"alg": "EdDSA", "kid": kid}),
                &claims(),
                &key("ed25519"),
                EdDSA,
            ),
            INVALID,
        ));
    }
    cases.push((
        "kid of 10 kB",
        shared(json!({"alg": "HS256", "kid": long})),
        MALFORMED,
    ));
    cases.push((
        "kid a number",
        shared(json!({"alg": "HS256", "kid": 7})),
        INVALID,
    ));
    cases.push((
        "no kid, one key fits",
        token(json!({"alg": "EdDSA"}), &claims(), &key("ed25519"), EdDSA),
        ACCEPTED,
    ));
    cases.push((
        "no kid, two keys fit",
        token(json!({"alg": "RS256"}), &claims(), &key("rsa"), RS256),
        INVALID,
    ));
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
    let header = |header| token_of(header, &claims().to_string(), &key(SECRET), HS256);
    attack(
        &api,
        vec![
            (
                "sub",
                of_payload(&format!(r#"{{"sub":"bob","sub":"ann","exp":{exp}}}"#)),
                INVALID,
            ),
            (
                "exp",
                of_payload(&format!(r#"{{"sub":"ann","exp":1,"exp":{exp}}}"#)),
                INVALID,
            ),
            ("alg", header(r#"{"alg":"none","alg":"HS256"}"#), INVALID),
            (
                "kid",
                header(r#"{"alg":"HS256","kid":"a","kid":"b"}"#),
                INVALID,
            ),
            ("no object", of_payload("[]"), INVALID),
            (
                "values in the order of the claims",
                of_payload(&format!(r#"[{exp},1,1,"","","","","ann","",""]"#)),
                INVALID,
            ),
            (
                "values in the order of the header",
                header(r#"["HS256"]"#),
                INVALID,
            ),
            ("a string", of_payload("\"ann\""), INVALID),
            ("nothing", of_payload(""), INVALID),
            ("no UTF-8", of_payload("{\"sub\":\"ann\u{0}\"}"), INVALID),
        ],
    )
    .await;
}

#[tokio::test]
async fn times_must_be_numbers_within_bounds() {
    let api = api(&[]).await;
    let month = 30 * 24 * 3600;
    let mut cases = vec![
        ("exp missing", without("exp"), INVALID),
        (
            "exp 1e400",
            of_payload(r#"{"sub":"ann","exp":1e400}"#),
            INVALID,
        ),
        (
            "exp with a fraction",
            of_payload(&format!(r#"{{"sub":"ann","exp":{}.5}}"#, at(60))),
            ACCEPTED,
        ),
        (
            "exp within the leeway",
            with("exp", json!(at(-3))),
            ACCEPTED,
        ),
        ("exp beyond the leeway", with("exp", json!(at(-7))), INVALID),
        (
            "lives a month",
            of_claims(&json!({"sub": "ann", "iat": at(0), "exp": at(month)})),
            ACCEPTED,
        ),
        (
            "lives longer",
            of_claims(&json!({"sub": "ann", "iat": at(0), "exp": at(month + 60)})),
            INVALID,
        ),
        (
            "lives longer, iat not said",
            of_claims(&json!({"sub": "ann", "exp": at(month + 60)})),
            INVALID,
        ),
        (
            "lived for long",
            of_claims(&json!({"sub": "ann", "iat": at(-month), "exp": at(60)})),
            INVALID,
        ),
        ("nbf in the future", with("nbf", json!(at(60))), INVALID),
        ("nbf within the leeway", with("nbf", json!(at(3))), ACCEPTED),
        ("nbf in the past", with("nbf", json!(at(-60))), ACCEPTED),
        ("iat in the future", with("iat", json!(at(60))), INVALID),
    ];
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
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        of_claims(&claims)
    };
    let mut cases = vec![
        ("good", of_claims(&good), ACCEPTED),
        ("neither", of_claims(&claims()), INVALID),
    ];
    for aud in [json!(["tasks"]), json!(["other", "tasks"])] {
        cases.push(("aud", with("aud", aud), ACCEPTED));
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
        cases.push(("aud", with("aud", aud), INVALID));
    }
    for iss in [
        json!(null),
        json!(7),
        json!("https://auth.example/"),
        json!(["https://auth.example"]),
        json!("https://evil.example"),
    ] {
        cases.push(("iss", with("iss", iss), INVALID));
    }
    attack(&api, cases).await;
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
