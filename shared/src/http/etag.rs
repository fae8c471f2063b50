//! Entity tags, and the conditions that name them (RFC 9110 sections 8.8.3 and 13.1).

use std::fmt;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::{HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH};
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::InvalidField;
use crate::tasks::Precondition;
use crate::{Error, Task};

/// The strong entity tag of an answer, without its quotes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EntityTag(String);

impl EntityTag {
    /// A task's: when it last changed, in hexadecimal microseconds, since no task has the same time twice.
    #[must_use]
    pub fn of(task: &Task) -> Self {
        Self(format!("{:x}", task.updated_at.as_microsecond()))
    }

    /// A list's: a digest of everything that tells which tasks, in which state, it holds.
    pub(super) fn digest(parts: impl Iterator<Item = impl AsRef<[u8]>>) -> Self {
        let mut digest = Sha256::new();
        parts.for_each(|part| digest.update(part));
        Self(URL_SAFE_NO_PAD.encode(&digest.finalize()[..16]))
    }

    /// As the value of an `ETag` header.
    #[must_use]
    pub fn header(&self) -> HeaderValue {
        // Letters, digits, `-` and `_` within quotes are valid in every header.
        HeaderValue::try_from(self.to_string()).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
    }

    /// The time that a task's tag stands for; nothing when it is none of ours, so that no task has it.
    fn time(tag: &str) -> Option<Timestamp> {
        let time = Timestamp::from_microsecond(i64::from_str_radix(tag, 16).ok()?).ok()?;
        (format!("{:x}", time.as_microsecond()) == tag).then_some(time)
    }
}

impl fmt::Display for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

/// What `If-Match` or `If-None-Match` says.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Condition {
    /// `*`: whatever there is.
    Any,
    /// Entity tags: whether each is weak, and its text.
    Tags(Vec<(bool, String)>),
}

impl Condition {
    /// `*`, or a list of `"tag"` and `W/"tag"`, in which elements may be empty (RFC 9110 section 5.6.1.2).
    fn parse(text: &str) -> Option<Self> {
        if text.trim() == "*" {
            return Some(Self::Any);
        }
        let (mut tags, mut rest) = (Vec::new(), text.trim_start_matches([' ', '\t', ',']));
        while !rest.is_empty() {
            let (weak, tag) = rest
                .strip_prefix("W/")
                .map_or((false, rest), |tag| (true, tag));
            let (tag, after) = tag.strip_prefix('"')?.split_once('"')?;
            if tag.contains(|char: char| char.is_ascii_control() || char == ' ') {
                return None;
            }
            tags.push((weak, tag.to_owned()));
            let next = after.trim_start_matches([' ', '\t']);
            rest = next.trim_start_matches([' ', '\t', ',']);
            if !rest.is_empty() && !next.starts_with(',') {
                return None;
            }
        }
        (!tags.is_empty()).then_some(Self::Tags(tags))
    }

    fn of(
        headers: &HeaderMap,
        name: &HeaderName,
        title: &str,
    ) -> Result<Option<Self>, InvalidField> {
        let values: Vec<_> = headers.get_all(name).iter().collect();
        if values.is_empty() {
            return Ok(None);
        }
        let texts: Option<Vec<&str>> = values
            .iter()
            .map(|value| std::str::from_utf8(value.as_bytes()).ok())
            .collect();
        texts
            .and_then(|texts| Self::parse(&texts.join(",")))
            .map(Some)
            .ok_or_else(|| {
                InvalidField::header(title, "must be `*` or entity tags in double quotes")
            })
    }
}

/// The conditions of a request.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    if_match: Option<Condition>,
    if_none_match: Option<Condition>,
}

impl Conditions {
    /// A condition as a batch has it: an `If-Match` of one operation.
    pub(crate) fn if_match(text: &str) -> Option<Self> {
        Condition::parse(text).map(|condition| Self {
            if_match: Some(condition),
            if_none_match: None,
        })
    }

    /// Whether the client has what it asks for already (weak comparison, RFC 9110 section 13.1.2): 304.
    #[must_use]
    pub fn not_modified(&self, current: &EntityTag) -> bool {
        match &self.if_none_match {
            None => false,
            Some(Condition::Any) => true,
            Some(Condition::Tags(tags)) => tags.iter().any(|(_, tag)| *tag == current.0),
        }
    }

    /// Whether the request asks to create what is not there yet: `If-None-Match: *`.
    #[must_use]
    pub fn creates(&self) -> bool {
        self.if_none_match == Some(Condition::Any) && self.if_match.is_none()
    }

    /// What a change asks of the task that it is about (`If-Match` by strong comparison).
    #[must_use]
    pub fn precondition(&self) -> Precondition {
        let strong = |tags: &Vec<(bool, String)>| {
            tags.iter()
                .filter(|(weak, _)| !weak)
                .filter_map(|(_, tag)| EntityTag::time(tag))
                .collect()
        };
        let weak = |tags: &Vec<(bool, String)>| {
            tags.iter()
                .filter_map(|(_, tag)| EntityTag::time(tag))
                .collect()
        };
        Precondition {
            stated: self.if_match.is_some() || self.if_none_match.is_some(),
            one_of: match &self.if_match {
                Some(Condition::Tags(tags)) => Some(strong(tags)),
                Some(Condition::Any) | None => None,
            },
            none_of: match &self.if_none_match {
                Some(Condition::Tags(tags)) => Some(weak(tags)),
                Some(Condition::Any) | None => None,
            },
            absent: self.if_none_match == Some(Condition::Any),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Conditions {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let if_match = Condition::of(&parts.headers, &IF_MATCH, "If-Match");
        let if_none_match = Condition::of(&parts.headers, &IF_NONE_MATCH, "If-None-Match");
        match (if_match, if_none_match) {
            (Ok(if_match), Ok(if_none_match)) => Ok(Self {
                if_match,
                if_none_match,
            }),
            (if_match, if_none_match) => Err(Error::Invalid(
                if_match
                    .err()
                    .into_iter()
                    .chain(if_none_match.err())
                    .collect(),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(tags: &[(bool, &str)]) -> Condition {
        Condition::Tags(
            tags.iter()
                .map(|(weak, tag)| (*weak, (*tag).to_owned()))
                .collect(),
        )
    }

    #[test]
    fn conditions_are_read_as_rfc_9110_says() {
        assert_eq!(Condition::parse("*"), Some(Condition::Any));
        assert_eq!(
            Condition::parse("\"xyzzy\""),
            Some(tags(&[(false, "xyzzy")]))
        );
        assert_eq!(
            Condition::parse(", \"a,b\" ,\t W/\"r2d2\",,\"\" ,"),
            Some(tags(&[(false, "a,b"), (true, "r2d2"), (false, "")]))
        );
        for malformed in [
            "",
            ",",
            "xyzzy",
            "\"a",
            "\"a\" \"b\"",
            "\"a\"x",
            "w/\"a\"",
            "W/ \"a\"",
            "*, \"a\"",
            "\"a b\"",
        ] {
            assert_eq!(Condition::parse(malformed), None, "{malformed}");
        }
    }

    #[test]
    fn a_tag_stands_for_one_time_alone() {
        for not_ours in [
            "",
            "0",
            "+1",
            "-1",
            "01",
            "A",
            "1x",
            "ffffffffffffffff",
            "7fffffffffffffff",
        ] {
            let time = EntityTag::time(not_ours);
            assert!(time.is_none() || not_ours == "0", "{not_ours}: {time:?}");
        }
    }
}
