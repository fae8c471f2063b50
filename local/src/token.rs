//! Tokens for development: Better Auth's JWTs, signed with a shared secret.

use std::time::Duration;

use anyhow::Result;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

/// Mints a token for the user `subject` that is valid from now for `lifetime` (whole seconds).
///
/// # Errors
///
/// When the claims cannot be signed, which does not happen with HS256.
pub fn mint(secret: &str, subject: &str, lifetime: Duration) -> Result<String> {
    sign(secret, &claims(subject, lifetime))
}

/// The claims of a token for the user `subject`.
#[must_use]
pub fn claims(subject: &str, lifetime: Duration) -> Value {
    let issued_at = jiff::Timestamp::now().as_second();
    let lifetime = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX);
    json!({
        "sub": subject,
        "email": format!("{subject}@example.com"),
        "name": subject,
        "iat": issued_at,
        "exp": issued_at.saturating_add(lifetime),
    })
}

/// Signs any claims with HS256 (RFC 7518 section 3.2), even invalid ones, for tests.
///
/// # Errors
///
/// As for [`mint`].
pub fn sign(secret: &str, claims: &Value) -> Result<String> {
    let key = EncodingKey::from_secret(secret.as_bytes());
    let header = Header::new(Algorithm::HS256);
    Ok(jsonwebtoken::encode(&header, claims, &key)?)
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    #[test]
    fn a_minted_token_names_its_user_and_expiry() {
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

    /// Known answer, from `openssl dgst -sha256 -hmac`.
    #[test]
    fn the_signature_is_hs256_over_header_and_claims() {
        let token = sign("secret", &json!({"sub": "demo"})).unwrap();

        let (signed, signature) = token.rsplit_once('.').unwrap();
        assert_eq!(
            signed,
            "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJkZW1vIn0"
        );
        assert_eq!(signature, "EhHWTm50Wl90zrhXN2c6_-cNzxXPxFzzVU23xGKr1xg");
    }
}
