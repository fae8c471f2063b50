//! Tokens for development: what Better Auth's JWTs are to the functions, signed with a shared secret.

use std::time::Duration;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

/// Why a token could not be signed.
#[derive(Debug, thiserror::Error)]
#[error("the token cannot be signed: {0}")]
pub struct TokenError(#[from] jsonwebtoken::errors::Error);

/// Mints a token for the user `subject` that is valid from now for `lifetime` (whole seconds).
///
/// # Errors
///
/// Only when the claims cannot be signed, which HS256 with any secret does not bring about.
pub fn mint(secret: &str, subject: &str, lifetime: Duration) -> Result<String, TokenError> {
    sign(secret, &claims(subject, lifetime))
}

/// What a token says of the user `subject`.
#[must_use]
pub fn claims(subject: &str, lifetime: Duration) -> Value {
    let issued_at = jiff::Timestamp::now().as_second();
    let lifetime = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX);
    let email = if subject.contains('@') {
        subject.to_owned()
    } else {
        format!("{subject}@example.com")
    };
    json!({
        "sub": subject,
        "email": email,
        "name": subject,
        "iat": issued_at,
        "exp": issued_at.saturating_add(lifetime),
    })
}

/// Signs any claims with HS256 (RFC 7518 section 3.2), wrong ones too: tests need those.
///
/// # Errors
///
/// As for [`mint`].
pub fn sign(secret: &str, claims: &Value) -> Result<String, TokenError> {
    let key = EncodingKey::from_secret(secret.as_bytes());
    Ok(jsonwebtoken::encode(
        &Header::new(Algorithm::HS256),
        claims,
        &key,
    )?)
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    #[test]
    fn a_minted_token_names_the_user_and_its_end() {
        let token = mint("secret", "auth0|5f7", Duration::from_mins(1)).unwrap();

        let claims = token.split('.').nth(1).unwrap();
        let claims: Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
        assert_eq!(claims["sub"], "auth0|5f7");
        assert_eq!(claims["email"], "auth0|5f7@example.com");
        assert_eq!(
            claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
            60
        );
    }

    /// Known answer: made with `openssl dgst -sha256 -hmac`.
    #[test]
    fn a_signature_is_hs256_of_header_and_claims() {
        let token = sign("secret", &json!({"sub": "demo"})).unwrap();

        let (signed, signature) = token.rsplit_once('.').unwrap();
        assert_eq!(
            signed,
            "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJkZW1vIn0"
        );
        assert_eq!(signature, "EhHWTm50Wl90zrhXN2c6_-cNzxXPxFzzVU23xGKr1xg");
    }
}
