//! Entity tags (RFC 9110 section 8.8.3).

use std::fmt;
use std::sync::LazyLock;

use axum::http::header::HeaderValue;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::domain::{NewTask, Task, TaskFields, Title};

/// The strong entity tag of a representation, without its quotes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EntityTag(String);

impl EntityTag {
    /// A task's tag: its version in hexadecimal, followed by a digest of the fields that this
    /// release shows.
    #[must_use]
    pub fn of(task: &Task) -> Self {
        Self(format!("{:x}{}", task.version, shown()))
    }

    /// A list's tag: its state, and a digest of what was asked for.
    pub(super) fn of_list(state: &str, asked: &str) -> Self {
        Self(format!("{state}.{asked}"))
    }

    /// The state that a list's tag stands for. `None` if it is not a tag of what was asked for.
    pub(super) fn state<'a>(tag: &'a str, asked: &str) -> Option<&'a str> {
        tag.strip_suffix(asked)?.strip_suffix('.')
    }

    /// The tag as the value of an `ETag` header.
    #[must_use]
    pub fn header(&self) -> HeaderValue {
        // Letters, digits, `-`, `_` and `.` within quotes are valid in every header.
        HeaderValue::try_from(self.to_string()).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The version that a task's tag stands for, whatever release made it: a change that was made
    /// with an older one in mind loses nothing. `None` if the tag is not one of ours, so that no
    /// task has it.
    pub(super) fn version(tag: &str) -> Option<i64> {
        let (number, shown) = tag.split_at_checked(tag.len().checked_sub(SHOWN_DIGITS)?)?;
        let version = i64::from_str_radix(number, 16).ok()?;
        let is_ours = shown
            .bytes()
            .all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        (is_ours && version >= 0 && format!("{version:x}") == number).then_some(version)
    }
}

/// The length of what [`shown`] returns.
const SHOWN_DIGITS: usize = 4;

/// A digest of the names of the fields that a task has in answers. A client that has a task without
/// the fields of a new release does not have the same representation.
pub(super) fn shown() -> &'static str {
    static SHOWN: LazyLock<String> = LazyLock::new(|| {
        let fields = TaskFields::new(Title::from_stored(String::new()));
        let task = NewTask::new(fields).stored(String::new(), Timestamp::UNIX_EPOCH, 0);
        let json = serde_json::to_value(task).unwrap_or_default();
        let names = json
            .as_object()
            .map(|object| object.keys().cloned().collect::<Vec<_>>().join(","));
        let digest = Sha256::digest(names.unwrap_or_default());
        format!("{:02x}{:02x}", digest[0], digest[1])
    });
    &SHOWN
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
    fn a_version_has_exactly_one_number() {
        assert_eq!(EntityTag::version("0abcd"), Some(0));
        assert_eq!(EntityTag::version("1f0000"), Some(31));
        for other in [
            "",
            "abc",
            "abcd",
            "+1abcd",
            "-1abcd",
            "01abcd",
            "Aabcd",
            "1xabcd",
            "0ücd",
            "ffffffffffffffffabcd",
        ] {
            assert_eq!(EntityTag::version(other), None, "{other}");
        }
    }
}
