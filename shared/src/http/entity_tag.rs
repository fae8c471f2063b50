//! Entity tags (RFC 9110 section 8.8.3).

use std::fmt;

use axum::http::header::HeaderValue;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::domain::Task;

/// The strong entity tag of a representation, without its quotes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EntityTag(String);

impl EntityTag {
    /// A task's tag: when it last changed, in hexadecimal microseconds. No task has the same time
    /// twice.
    #[must_use]
    pub fn of(task: &Task) -> Self {
        Self(format!("{:x}", task.updated_at.as_microsecond()))
    }

    /// A digest of everything on which a representation depends.
    pub(super) fn digest(parts: impl Iterator<Item = impl AsRef<[u8]>>) -> Self {
        let mut digest = Sha256::new();
        parts.for_each(|part| digest.update(part));
        Self(URL_SAFE_NO_PAD.encode(&digest.finalize()[..16]))
    }

    /// The tag as the value of an `ETag` header.
    #[must_use]
    pub fn header(&self) -> HeaderValue {
        // Letters, digits, `-` and `_` within quotes are valid in every header.
        HeaderValue::try_from(self.to_string()).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The time that a task's tag stands for. `None` if the tag is not one of ours, so that no task
    /// has it.
    pub(super) fn time(tag: &str) -> Option<Timestamp> {
        let time = Timestamp::from_microsecond(i64::from_str_radix(tag, 16).ok()?).ok()?;
        (format!("{:x}", time.as_microsecond()) == tag).then_some(time)
    }
}

impl fmt::Display for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_exactly_one_tag() {
        assert_eq!(EntityTag::time("0"), Some(Timestamp::UNIX_EPOCH));
        for other in [
            "",
            "+1",
            "-1",
            "01",
            "A",
            "1x",
            "ffffffffffffffff",
            "7fffffffffffffff",
        ] {
            assert_eq!(EntityTag::time(other), None, "{other}");
        }
    }
}
