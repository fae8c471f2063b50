//! The claims of a token (RFC 7519 section 4).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Deserialize;
use serde_json::Value;

use super::jws::object;
use super::unauthenticated::Unauthenticated;

/// The maximum length of a subject, in characters: that of the column `user_id`.
const SUBJECT_MAX_CHARS: usize = 255;

/// What the claims of every token must satisfy.
#[derive(Clone, Debug)]
pub struct ClaimRules {
    /// The `iss` that a token must have, if one is configured.
    pub issuer: Option<String>,
    /// The `aud` that a token must have or contain, if one is configured.
    pub audience: Option<String>,
    /// How far the clocks of the issuer and of this service may differ.
    pub leeway: Duration,
    /// The longest time from `iat` (or now) to `exp`.
    pub max_lifetime: Duration,
}

impl Default for ClaimRules {
    fn default() -> Self {
        Self {
            issuer: None,
            audience: None,
            leeway: Duration::from_secs(5),
            max_lifetime: Duration::from_hours(30 * 24),
        }
    }
}

/// Who a token identifies, and what it allows.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Identity {
    /// The user: an opaque string of 1 to 255 characters.
    pub subject: String,
    /// What the caller may do.
    pub scope: Scope,
}

/// What a token allows.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Scope {
    /// Nothing: it has scopes for tasks, but none that this service knows.
    Nothing,
    /// `tasks:read`: operations that change nothing.
    Read,
    /// `tasks:write`, or no scope for tasks at all: everything.
    Write,
}

impl Scope {
    /// The scope's name in a token.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Read => "tasks:read",
            Self::Write => "tasks:write",
        }
    }
}

/// The claims that matter. A claim that is `null` counts as present, and is wrong. Serde refuses
/// repeated claims.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    #[serde(default, deserialize_with = "present")]
    exp: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    nbf: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    iat: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    iss: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    aud: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    scope: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    scp: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    sub: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    user_id: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    id: Option<Value>,
}

fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl Claims {
    /// Reads the payload of a token whose signature has been verified.
    pub(super) fn parse(payload: &[u8]) -> Result<Self, Unauthenticated> {
        object(payload)
    }

    /// Checks the claims against the rules, as of `now`.
    pub(super) fn check(
        self,
        rules: &ClaimRules,
        now: SystemTime,
    ) -> Result<Identity, Unauthenticated> {
        self.check_times(
            rules,
            now.duration_since(UNIX_EPOCH)
                .unwrap_or_default()
                .as_secs_f64(),
        )?;
        self.check_issuer(rules.issuer.as_deref())?;
        self.check_audience(rules.audience.as_deref())?;
        Ok(Identity {
            scope: self.scope()?,
            subject: self.subject()?,
        })
    }

    fn check_times(&self, rules: &ClaimRules, now: f64) -> Result<(), Unauthenticated> {
        let leeway = rules.leeway.as_secs_f64();
        let expires =
            numeric_date("exp", self.exp.as_ref())?.ok_or(Unauthenticated::InvalidClaim("exp"))?;
        let issued = numeric_date("iat", self.iat.as_ref())?;
        let not_before = numeric_date("nbf", self.nbf.as_ref())?;
        if expires + leeway <= now {
            return Err(Unauthenticated::Expired);
        }
        if [issued, not_before]
            .into_iter()
            .flatten()
            .any(|time| time > now + leeway)
        {
            return Err(Unauthenticated::NotYetValid);
        }
        if expires - issued.unwrap_or(now) > rules.max_lifetime.as_secs_f64() + leeway {
            return Err(Unauthenticated::LivesTooLong);
        }
        Ok(())
    }

    fn check_issuer(&self, required: Option<&str>) -> Result<(), Unauthenticated> {
        let Some(required) = required else {
            return Ok(());
        };
        match &self.iss {
            Some(Value::String(issuer)) if issuer == required => Ok(()),
            _ => Err(Unauthenticated::InvalidClaim("iss")),
        }
    }

    fn check_audience(&self, required: Option<&str>) -> Result<(), Unauthenticated> {
        let Some(required) = required else {
            return Ok(());
        };
        let is_meant = match &self.aud {
            Some(Value::String(audience)) => audience == required,
            Some(Value::Array(audiences)) => {
                audiences.iter().all(Value::is_string)
                    && audiences.iter().any(|audience| audience == required)
            }
            _ => false,
        };
        if is_meant {
            Ok(())
        } else {
            Err(Unauthenticated::InvalidClaim("aud"))
        }
    }

    /// `scope` is a string of words (RFC 8693 section 4.2). `scp`, which some issuers use, may be a
    /// list. Scopes for anything but tasks concern other services.
    fn scope(&self) -> Result<Scope, Unauthenticated> {
        let mut granted = None;
        for (name, claim) in [("scope", &self.scope), ("scp", &self.scp)] {
            for scope in claim
                .as_ref()
                .map_or(Ok(Vec::new()), |claim| words(name, claim))?
            {
                granted = granted.max(match scope {
                    "tasks:write" => Some(Scope::Write),
                    "tasks:read" => Some(Scope::Read),
                    _ if scope.starts_with("tasks:") => Some(Scope::Nothing),
                    _ => None,
                });
            }
        }
        Ok(granted.unwrap_or(Scope::Write))
    }

    /// The caller: `sub`, else `user_id`, else `id`, as in the tokens of the former backend. The
    /// first that is present decides, even if it is wrong.
    fn subject(self) -> Result<String, Unauthenticated> {
        let claims = [
            ("sub", self.sub),
            ("user_id", self.user_id),
            ("id", self.id),
        ];
        let (name, value) = claims
            .into_iter()
            .find_map(|(name, value)| value.map(|value| (name, value)))
            .ok_or(Unauthenticated::InvalidClaim("sub"))?;
        match value {
            Value::String(subject) if is_subject(&subject) => Ok(subject),
            _ => Err(Unauthenticated::InvalidClaim(name)),
        }
    }
}

/// Seconds since the epoch, possibly with a fraction (RFC 7519 section 2).
fn numeric_date(name: &'static str, claim: Option<&Value>) -> Result<Option<f64>, Unauthenticated> {
    match claim {
        None => Ok(None),
        Some(claim) => claim
            .as_f64()
            .map(Some)
            .ok_or(Unauthenticated::InvalidClaim(name)),
    }
}

fn words<'a>(name: &'static str, claim: &'a Value) -> Result<Vec<&'a str>, Unauthenticated> {
    match claim {
        Value::String(scopes) => Some(scopes.split(' ').collect()),
        Value::Array(scopes) => scopes.iter().map(Value::as_str).collect(),
        _ => None,
    }
    .ok_or(Unauthenticated::InvalidClaim(name))
}

/// A subject is opaque, but must not be empty, and PostgreSQL must be able to store it.
fn is_subject(subject: &str) -> bool {
    !subject.is_empty() && subject.chars().count() <= SUBJECT_MAX_CHARS && !subject.contains('\0')
}
