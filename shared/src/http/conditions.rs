//! Conditional requests: `If-Match` and `If-None-Match` (RFC 9110 section 13.1).

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH};
use axum::http::request::Parts;

use super::entity_tag::EntityTag;
use super::error::ApiError;
use super::invalid::InvalidField;
use crate::domain::Precondition;

/// The value of one of the headers.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Condition {
    /// `*`: any representation.
    Any,
    /// Entity tags: whether each is weak, and its text.
    Tags(Vec<(bool, String)>),
}

impl Condition {
    /// `*`, or a list of `"tag"` and `W/"tag"`, in which elements may be empty (RFC 9110 section
    /// 5.6.1.2).
    fn parse(text: &str) -> Option<Self> {
        if text.trim() == "*" {
            return Some(Self::Any);
        }
        let (mut tags, mut rest) = (Vec::new(), text.trim_start_matches([' ', '\t', ',']));
        while !rest.is_empty() {
            let strong = (false, rest);
            let (weak, tag) = rest.strip_prefix("W/").map_or(strong, |tag| (true, tag));
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
        let values = headers.get_all(name).iter();
        let texts = values.map(|value| std::str::from_utf8(value.as_bytes()).ok());
        let texts: Option<Vec<_>> = texts.collect();
        if texts.as_ref().is_some_and(Vec::is_empty) {
            return Ok(None);
        }
        let condition = texts.and_then(|texts| Self::parse(&texts.join(",")));
        let malformed = "must be `*` or entity tags in double quotes";
        condition
            .map(Some)
            .ok_or_else(|| InvalidField::header(title, malformed))
    }
}

/// The conditions of a request.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    if_match: Option<Condition>,
    if_none_match: Option<Condition>,
}

impl Conditions {
    /// The condition of one operation of a batch, in the form of `If-Match`.
    pub(super) fn if_match(text: &str) -> Option<Self> {
        Condition::parse(text).map(|condition| Self {
            if_match: Some(condition),
            if_none_match: None,
        })
    }

    /// Whether `If-Match`, if there is one, allows an answer with this tag (strong comparison, RFC
    /// 9110 section 13.1.1): else 412.
    #[must_use]
    pub fn match_tag(&self, current: &EntityTag) -> bool {
        match &self.if_match {
            None | Some(Condition::Any) => true,
            Some(Condition::Tags(tags)) => {
                let is_current = |(weak, tag): &(bool, String)| !weak && tag == current.as_str();
                tags.iter().any(is_current)
            }
        }
    }

    /// Whether the client already has the representation with this tag (weak comparison, RFC 9110
    /// section 13.1.2): 304.
    #[must_use]
    pub fn not_modified(&self, current: &EntityTag) -> bool {
        match &self.if_none_match {
            None => false,
            Some(Condition::Any) => true,
            Some(Condition::Tags(tags)) => tags.iter().any(|(_, tag)| tag == current.as_str()),
        }
    }

    /// The tags of `If-None-Match`: of what the client has.
    pub(super) fn known(&self) -> impl Iterator<Item = &str> {
        let tags = match &self.if_none_match {
            Some(Condition::Tags(tags)) => &tags[..],
            Some(Condition::Any) | None => &[],
        };
        tags.iter().map(|(_, tag)| tag.as_str())
    }

    /// Whether the request asks to create something that does not exist yet: `If-None-Match: *`.
    #[must_use]
    pub fn creates(&self) -> bool {
        self.if_none_match == Some(Condition::Any) && self.if_match.is_none()
    }

    /// What a change requires of its task. `If-Match` compares strongly, `If-None-Match` weakly.
    #[must_use]
    pub fn precondition(&self) -> Precondition {
        let versions = |condition: &Option<Condition>, weak_too: bool| match condition {
            Some(Condition::Tags(tags)) => {
                let tags = tags.iter().filter(|(weak, _)| weak_too || !weak);
                Some(
                    tags.filter_map(|(_, tag)| EntityTag::version(tag))
                        .collect(),
                )
            }
            Some(Condition::Any) | None => None,
        };
        Precondition {
            stated: self.if_match.is_some() || self.if_none_match.is_some(),
            one_of: versions(&self.if_match, false),
            none_of: versions(&self.if_none_match, true),
            absent: self.if_none_match == Some(Condition::Any),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Conditions {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let if_match = Condition::of(&parts.headers, &IF_MATCH, "If-Match");
        let if_none_match = Condition::of(&parts.headers, &IF_NONE_MATCH, "If-None-Match");
        match (if_match, if_none_match) {
            (Ok(if_match), Ok(if_none_match)) => Ok(Self {
                if_match,
                if_none_match,
            }),
            (if_match, if_none_match) => {
                let wrong = if_match.err().into_iter().chain(if_none_match.err());
                Err(ApiError::Invalid(wrong.collect()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(tags: &[(bool, &str)]) -> Condition {
        let tags = tags.iter().map(|(weak, tag)| (*weak, (*tag).to_owned()));
        Condition::Tags(tags.collect())
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
}
