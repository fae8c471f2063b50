//! Titles and descriptions.

use serde::Serialize;

/// The most characters (Unicode scalar values) of a title, after trimming.
pub const TITLE_MAX_CHARS: usize = 200;

/// The most characters (Unicode scalar values) of a description.
pub const DESCRIPTION_MAX_CHARS: usize = 10_000;

/// Why a text is not a valid [`Title`] or [`Description`].
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidText {
    /// Nothing is left after trimming.
    #[error("must not be empty")]
    Empty,
    /// It has more characters than allowed.
    #[error("must have at most {max} characters, not {chars}")]
    TooLong {
        /// How many it has.
        chars: usize,
        /// How many it may have.
        max: usize,
    },
    /// It contains U+0000, which PostgreSQL's `text` cannot hold.
    #[error("must not contain the NUL character (U+0000)")]
    Nul,
}

/// A valid title: trimmed, of 1 to [`TITLE_MAX_CHARS`] characters, without NUL.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Title(String);

impl Title {
    /// Trims `text` (Unicode `White_Space`) and accepts it if it is a valid title.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidText::Empty);
        }
        check(text, TITLE_MAX_CHARS).map(|()| Self(text.to_owned()))
    }

    /// A title that a database has stored, which enforces the same rules.
    pub(crate) fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The title's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The title's text.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

/// A valid description: up to [`DESCRIPTION_MAX_CHARS`] characters, without NUL, not trimmed.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Description(String);

impl Description {
    /// Accepts `text` if it is a valid description.
    pub fn parse(text: String) -> Result<Self, InvalidText> {
        check(&text, DESCRIPTION_MAX_CHARS).map(|()| Self(text))
    }

    /// A description that a database has stored, which enforces the same rules.
    pub(crate) fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The description's text.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

pub(super) fn check(text: &str, max: usize) -> Result<(), InvalidText> {
    let chars = text.chars().count();
    if chars > max {
        return Err(InvalidText::TooLong { chars, max });
    }
    if text.contains('\0') {
        return Err(InvalidText::Nul);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_trimmed_of_unicode_white_space() {
        assert_eq!(
            Title::parse("\u{2003} buy milk\u{a0}\n").unwrap().as_str(),
            "buy milk"
        );
    }

    #[test]
    fn a_title_of_white_space_is_empty() {
        assert_eq!(Title::parse(" \t\u{3000}"), Err(InvalidText::Empty));
    }

    #[test]
    fn length_counts_characters_not_bytes() {
        assert!(Title::parse(&"ü".repeat(200)).is_ok());
        assert_eq!(
            Title::parse(&"🦀".repeat(201)),
            Err(InvalidText::TooLong {
                chars: 201,
                max: 200
            })
        );
        assert!(Description::parse("日".repeat(10_000)).is_ok());
        assert!(Description::parse("日".repeat(10_001)).is_err());
    }

    #[test]
    fn nul_is_refused() {
        assert_eq!(Title::parse("a\0b"), Err(InvalidText::Nul));
        assert_eq!(Description::parse("\0".into()), Err(InvalidText::Nul));
    }

    #[test]
    fn a_description_is_not_trimmed() {
        assert_eq!(
            Description::parse("  \n".into()).unwrap().into_string(),
            "  \n"
        );
    }
}
