//! How tokens are verified.

use std::time::Duration;

use axum::http::Uri;

use super::values::{self, Stage};
use super::variables::Variables;
use crate::auth::{ClaimRules, FetchLimits, KeySet, RemoteKeys, Secret, Verifier};

/// The sources of keys, of which at least one is needed.
const SOURCES: [&str; 3] = ["BETTER_AUTH_SECRET", "JWT_JWKS", "JWT_JWKS_URL"];

/// How tokens are verified.
#[derive(Debug)]
pub struct TokenConfig {
    /// `BETTER_AUTH_SECRET`: a secret with which the frontends sign their tokens (HS256). In
    /// production at least 32 bytes, the length of the hash (RFC 7518 section 3.2).
    pub secret: Option<Secret>,
    /// `JWT_JWKS`: the issuer's public keys, a JSON Web Key Set (RFC 7517).
    pub jwks: Option<KeySet>,
    /// `JWT_JWKS_URL`: where the issuer publishes them. `https`, except on a loopback address.
    pub jwks_url: Option<Uri>,
    /// `JWT_JWKS_MAX_AGE`: how old keys from there may be while the issuer cannot be reached,
    /// 3,600 s (an hour) by default.
    pub jwks_max_age: Duration,
    /// `JWT_ISSUER` and `JWT_AUDIENCE`: the `iss` and `aud` that tokens must have; any if unset. In
    /// production, an issuer's keys need both. `JWT_LEEWAY`: how far clocks may be apart, 5 s by
    /// default. `JWT_MAX_LIFETIME`: the longest time from `iat` to `exp`, 2,592,000 s (30 days) by
    /// default.
    pub rules: ClaimRules,
}

impl TokenConfig {
    pub(super) fn read(variables: &mut Variables<'_>, stage: Stage) -> Self {
        if SOURCES.iter().all(|name| variables.value(name).is_none()) {
            let sources = SOURCES.join(", ");
            variables.refuse(format!("{sources} are missing: one of them is needed"));
        }
        let [secret, jwks, jwks_url] = SOURCES;
        if stage == Stage::Production {
            require_claims(variables, [jwks, jwks_url]);
        }
        let limits = FetchLimits::default();
        Self {
            secret: variables.optional(secret, None, |secret| {
                values::secret(secret, stage).map(Some)
            }),
            jwks: variables.optional(jwks, None, |json| values::jwks(json).map(Some)),
            jwks_url: variables.optional(jwks_url, None, |url| values::jwks_url(url).map(Some)),
            jwks_max_age: variables.optional("JWT_JWKS_MAX_AGE", limits.max_age, values::keys_age),
            rules: rules(variables),
        }
    }

    /// What verifies tokens in this way.
    #[must_use]
    pub fn verifier(&self) -> Verifier {
        let secret = self.secret.as_ref().map(KeySet::shared_secret);
        let jwks = self.jwks.clone().unwrap_or_default();
        let keys = secret.unwrap_or_default().with(jwks);
        let remote = self.jwks_url.clone();
        let limits = FetchLimits {
            max_age: self.jwks_max_age,
            ..FetchLimits::default()
        };
        let remote = remote.map(|url| RemoteKeys::new(url, limits));
        Verifier::new(keys, remote, self.rules.clone())
    }
}

/// An issuer signs tokens for other services too, with the same keys (RFC 8725 section 3.9). A
/// secret is shared with this service's own frontends.
fn require_claims(variables: &mut Variables<'_>, keys: [&str; 2]) {
    let Some(keys) = keys
        .into_iter()
        .find(|name| variables.value(name).is_some())
    else {
        return;
    };
    for (name, claim) in [("JWT_ISSUER", "iss"), ("JWT_AUDIENCE", "aud")] {
        if variables.value(name).is_none() {
            variables.refuse(format!(
                "{name} is missing: in production, {keys} needs it, because tokens for other services \
                 have the same keys but another `{claim}`"
            ));
        }
    }
}

fn rules(variables: &mut Variables<'_>) -> ClaimRules {
    let default = ClaimRules::default();
    let text = |text: &str| Ok(Some(text.to_owned()));
    ClaimRules {
        issuer: variables.optional("JWT_ISSUER", None, text),
        audience: variables.optional("JWT_AUDIENCE", None, text),
        leeway: variables.optional("JWT_LEEWAY", default.leeway, values::leeway),
        max_lifetime: variables.optional(
            "JWT_MAX_LIFETIME",
            default.max_lifetime,
            values::lifetime,
        ),
    }
}
