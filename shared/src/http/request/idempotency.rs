//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): requests that are safe to
//! repeat.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::http::error::ApiError;
use crate::http::invalid::InvalidField;

/// The maximum length of a key, in characters.
const KEY_MAX_CHARS: usize = 255;

/// The key of a request, if it has one: visible ASCII characters, bare or as a string of RFC 8941
/// (section 3.3.3).
#[derive(Clone, Debug)]
pub struct IdempotencyKey(pub Option<String>);

impl<S: Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let values: Vec<_> = parts.headers.get_all("idempotency-key").iter().collect();
        let key = match values[..] {
            [] => return Ok(Self(None)),
            [value] => value.to_str().ok().and_then(parse),
            _ => None,
        };
        let rule = format!("must be one key of 1 to {KEY_MAX_CHARS} visible ASCII characters");
        key.map(|key| Self(Some(key)))
            .ok_or_else(|| ApiError::invalid(InvalidField::header("Idempotency-Key", rule)))
    }
}

fn parse(text: &str) -> Option<String> {
    let key = match text.trim().strip_prefix('"') {
        Some(quoted) => unquoted(quoted.strip_suffix('"')?)?,
        None => text.trim().to_owned(),
    };
    let valid = (1..=KEY_MAX_CHARS).contains(&key.len())
        && key.bytes().all(|byte| matches!(byte, 0x21..=0x7e));
    valid.then_some(key)
}

/// The inside of a quoted string, in which a backslash escapes `"` and `\`.
fn unquoted(inside: &str) -> Option<String> {
    let (mut text, mut chars) = (String::new(), inside.chars());
    while let Some(char) = chars.next() {
        match char {
            '\\' => text.push(chars.next().filter(|char| matches!(char, '"' | '\\'))?),
            '"' => return None,
            char => text.push(char),
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_key_is_the_same_with_and_without_quotes() {
        for (text, key) in [
            ("abc", "abc"),
            ("\"abc\"", "abc"),
            (" abc ", "abc"),
            (r#""a\"\\b""#, r#"a"\b"#),
            (r"a\b", r"a\b"),
        ] {
            assert_eq!(parse(text).as_deref(), Some(key), "{text}");
        }
        for malformed in [
            "",
            "\"\"",
            "\"",
            "\"abc",
            "a b",
            "\"a\"b\"",
            r#""a\b""#,
            r#""a\""#,
            "ü",
            &"k".repeat(256),
        ] {
            assert_eq!(parse(malformed), None, "{malformed}");
        }
        assert!(parse(&"k".repeat(255)).is_some());
    }
}
