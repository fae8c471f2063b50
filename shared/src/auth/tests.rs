//! Properties of every input: nothing panics, and nothing unsigned is accepted.

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue};
use futures_util::FutureExt;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use proptest::prelude::*;
use serde_json::json;

use super::{ClaimRules, KeySet, Secret, Verifier, bearer};

const SECRET: &str = "a secret of the tests, longer than 32 bytes";

fn verifier() -> Verifier {
    Verifier::new(
        KeySet::shared_secret(&Secret::from(SECRET)),
        None,
        ClaimRules::default(),
    )
}

fn is_accepted(verifier: &Verifier, token: &str) -> bool {
    // Without remote keys there is nothing to wait for.
    verifier
        .verify(token)
        .now_or_never()
        .is_some_and(|identity| identity.is_ok())
}

fn good_token() -> String {
    let claims = json!({"sub": "ann", "exp": jsonwebtoken::get_current_timestamp() + 60});
    encode(
        &Header::new(Algorithm::HS256),
        &claims,
        &EncodingKey::from_secret(SECRET.as_bytes()),
    )
    .unwrap()
}

#[test]
fn a_good_token_is_accepted() {
    assert!(is_accepted(&verifier(), &good_token()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn arbitrary_bytes_in_the_header_are_refused(bytes: Vec<u8>) {
        if let Ok(value) = HeaderValue::from_bytes(&bytes) {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, value)]);
            let token = bearer::token(&headers);
            prop_assert!(!token.is_ok_and(|token| is_accepted(&verifier(), token)));
        }
    }

    #[test]
    fn arbitrary_text_is_refused(text: String) {
        prop_assert!(!is_accepted(&verifier(), &text));
    }

    #[test]
    fn any_header_and_payload_are_refused_without_the_secret(
        header in any::<Vec<u8>>(), payload in any::<Vec<u8>>(), signature in any::<[u8; 32]>(),
    ) {
        use base64::Engine;
        use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
        let [header, payload] = [header, payload].map(|part| BASE64URL.encode(part));
        for header in [&header, "eyJhbGciOiJIUzI1NiJ9"] {
            let token = format!("{header}.{payload}.{}", BASE64URL.encode(signature));
            prop_assert!(!is_accepted(&verifier(), &token));
        }
    }

    #[test]
    fn a_token_with_one_character_changed_is_refused(position: prop::sample::Index, by in "[A-Za-z0-9_.=-]") {
        let good = good_token();
        let at = position.index(good.len());
        let changed = format!("{}{by}{}", &good[..at], &good[at + 1..]);
        prop_assume!(changed != good);
        prop_assert!(!is_accepted(&verifier(), &changed));
    }
}
