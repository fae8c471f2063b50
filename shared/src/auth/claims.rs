//! The claims of a token (RFC 7519 section 4).

use serde::Deserialize;
use serde_json::Value;

use super::Unauthenticated;

/// The most characters of a subject: what the column `user_id` takes.
const SUBJECT_MAX_CHARS: usize = 255;

/// The claims that say who the caller is. Repeated claims are refused by serde.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    #[serde(default, deserialize_with = "present")]
    sub: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    user_id: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    id: Option<Value>,
}

impl Claims {
    /// The caller: `sub`, else `user_id`, else `id`, as the tokens of the former backend had it.
    /// The first that is there decides; a wrong one is not made up for by the next.
    pub(super) fn subject(self) -> Result<String, Unauthenticated> {
        let claims = [("sub", self.sub), ("user_id", self.user_id), ("id", self.id)];
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

/// Opaque, but not empty and such that PostgreSQL can store it.
fn is_subject(subject: &str) -> bool {
    !subject.is_empty() && subject.chars().count() <= SUBJECT_MAX_CHARS && !subject.contains('\0')
}

/// A claim that is `null` is there, and wrong.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn subject(claims: Value) -> Result<String, Unauthenticated> {
        serde_json::from_value::<Claims>(claims).unwrap().subject()
    }

    #[test]
    fn sub_comes_before_user_id_and_user_id_before_id() {
        assert_eq!(subject(json!({"sub": "a", "user_id": "b", "id": "c"})).unwrap(), "a");
        assert_eq!(subject(json!({"user_id": "b", "id": "c"})).unwrap(), "b");
        assert_eq!(subject(json!({"id": "c"})).unwrap(), "c");
    }

    #[test]
    fn a_wrong_subject_is_refused_and_named() {
        let long = "ü".repeat(256);
        for wrong in [
            json!(""),
            json!(7),
            json!(null),
            json!({}),
            json!(["a"]),
            json!(true),
            json!("a\0"),
            json!(long),
        ] {
            let claims = json!({"sub": wrong, "user_id": "b"});
            assert_eq!(subject(claims.clone()), Err(Unauthenticated::InvalidClaim("sub")), "{claims}");
        }
        assert_eq!(subject(json!({"user_id": 7, "id": "c"})), Err(Unauthenticated::InvalidClaim("user_id")));
        assert_eq!(subject(json!({})), Err(Unauthenticated::InvalidClaim("sub")));
    }

    #[test]
    fn a_subject_has_up_to_255_characters() {
        assert!(subject(json!({"sub": "ü".repeat(255)})).is_ok());
    }
}
