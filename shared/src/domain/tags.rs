//! Tags: words to find a task by.

use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

use super::text::{InvalidText, check, is_blank};

/// The maximum number of tags of a task.
pub const TAGS_MAX: usize = 20;

/// The maximum length of a tag, in characters (Unicode scalar values), after trimming.
pub const TAG_MAX_CHARS: usize = 50;

/// Valid tags: up to [`TAGS_MAX`], each trimmed, of 1 to [`TAG_MAX_CHARS`] characters, not all
/// invisible, and different from the others, in the client's order. Canonically equivalent tags are
/// the same tag (Unicode Standard Annex #15).
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Tags(Vec<String>);

/// Why texts are not valid tags.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidTags {
    /// There are more than a task can have.
    #[error("must have at most {TAGS_MAX} tags, not {0}")]
    TooMany(usize),
    /// Some are wrong: the index of each, and what is wrong with it.
    #[error("{} tags are wrong", .0.len())]
    Wrong(Vec<(usize, String)>),
}

impl Tags {
    /// Trims each text (Unicode `White_Space`) and accepts them if all are valid tags.
    pub fn parse(texts: &[String]) -> Result<Self, InvalidTags> {
        if texts.len() > TAGS_MAX {
            return Err(InvalidTags::TooMany(texts.len()));
        }
        let tags: Vec<String> = texts.iter().map(|text| text.trim().to_owned()).collect();
        let wrong: Vec<(usize, String)> = (0..tags.len())
            .filter_map(|index| Some((index, fault(&tags, index)?)))
            .collect();
        if wrong.is_empty() {
            Ok(Self(tags))
        } else {
            Err(InvalidTags::Wrong(wrong))
        }
    }

    /// Tags from the database, which were valid when they were stored.
    pub(crate) fn from_stored(tags: Vec<String>) -> Self {
        Self(tags)
    }

    /// The tags' texts.
    #[must_use]
    pub fn into_vec(self) -> Vec<String> {
        self.0
    }
}

/// What is wrong with the tag at `index`.
fn fault(tags: &[String], index: usize) -> Option<String> {
    let tag = &tags[index];
    if is_blank(tag) && !tag.contains('\0') {
        return Some(InvalidText::Empty.to_string());
    }
    if let Err(error) = check(tag, TAG_MAX_CHARS) {
        return Some(error.to_string());
    }
    let is_repeated = tags[..index].iter().any(|other| tag.nfc().eq(other.nfc()));
    is_repeated.then(|| "must not be given twice".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(tags: &[&str]) -> Result<Tags, InvalidTags> {
        Tags::parse(&tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn tags_are_trimmed_and_stay_in_order() {
        assert_eq!(
            parse(&[" work ", "Home", "home"]).unwrap().into_vec(),
            ["work", "Home", "home"]
        );
    }

    #[test]
    fn every_wrong_tag_is_named() {
        let long = "ü".repeat(51);
        let Err(InvalidTags::Wrong(wrong)) = parse(&["a", " ", "a ", &long, "\0"]) else {
            panic!()
        };
        assert_eq!(
            wrong.iter().map(|(index, _)| *index).collect::<Vec<_>>(),
            [1, 2, 3, 4]
        );
    }

    #[test]
    fn canonically_equivalent_tags_are_the_same_tag() {
        let Err(InvalidTags::Wrong(wrong)) = parse(&["\u{e9}", "e\u{301}"]) else {
            panic!()
        };
        assert_eq!(wrong[0].0, 1);
        assert_eq!(parse(&["e\u{301}"]).unwrap().into_vec(), ["e\u{301}"]);
    }

    #[test]
    fn a_tag_of_invisible_characters_alone_is_empty() {
        let Err(InvalidTags::Wrong(wrong)) = parse(&["a", "\u{200b}", "\u{3164} \u{feff}"]) else {
            panic!()
        };
        let empty = InvalidText::Empty.to_string();
        assert_eq!(wrong, [(1, empty.clone()), (2, empty)]);
    }

    #[test]
    fn a_task_has_at_most_twenty_tags() {
        let tags: Vec<String> = (0..21).map(|number| number.to_string()).collect();
        assert_eq!(Tags::parse(&tags), Err(InvalidTags::TooMany(21)));
        assert!(Tags::parse(&tags[..20]).is_ok());
    }
}
