//! Titles and descriptions.

use icu_properties::props::{
    DefaultIgnorableCodePoint, GeneralCategory, PrependedConcatenationMark,
};
use icu_properties::{CodePointMapData, CodePointSetData};
use serde::Serialize;

/// The maximum length of a title, in characters (Unicode scalar values), after trimming.
pub const TITLE_MAX_CHARS: usize = 200;

/// The maximum length of a description, in characters (Unicode scalar values).
pub const DESCRIPTION_MAX_CHARS: usize = 10_000;

/// Why a text is not a valid [`Title`] or [`Description`].
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidText {
    /// Nothing visible is left after trimming.
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

/// A valid title: trimmed, of 1 to [`TITLE_MAX_CHARS`] characters, not all invisible, without NUL.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Title(String);

impl Title {
    /// Trims `text` (Unicode `White_Space`) and accepts it if it is a valid title.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        let text = text.trim();
        if is_blank(text) && !text.contains('\0') {
            return Err(InvalidText::Empty);
        }
        check(text, TITLE_MAX_CHARS).map(|()| Self(text.to_owned()))
    }

    /// A title from the database, which was valid when it was stored.
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

    /// A description from the database, which was valid when it was stored.
    pub(crate) fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The description's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The description's text.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

/// Whether the text has no visible character.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    text.chars().all(is_invisible)
}

/// White space, controls, formatting characters, and characters that fonts show as nothing unless
/// they know them (Unicode's `Default_Ignorable_Code_Point`, such as U+200B and U+3164).
fn is_invisible(char: char) -> bool {
    let category = CodePointMapData::<GeneralCategory>::new().get(char);
    match category {
        GeneralCategory::Control => true,
        // Some show a sign that encloses digits, such as U+06DD.
        GeneralCategory::Format => {
            !CodePointSetData::new::<PrependedConcatenationMark>().contains(char)
        }
        _ => {
            char.is_whitespace()
                || BLANK_SYMBOLS.contains(&char)
                || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(char)
        }
    }
}

/// Symbols without ink: the Braille pattern without a dot, and the musical null notehead.
const BLANK_SYMBOLS: [char; 2] = ['\u{2800}', '\u{1d159}'];

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

    const INVISIBLE: [&str; 24] = [
        "\u{200b}",
        "\u{feff}",
        "\u{3164}",
        "\u{2800}",
        "\u{ad}",
        "\u{115f}\u{1160}",
        "\u{ffa0}",
        "\u{34f}",
        "\u{61c}",
        "\u{17b4}",
        "\u{180e}",
        "\u{200d}\u{200c}",
        "\u{202e}",
        "\u{2060}",
        "\u{2064}",
        "\u{206f}",
        "\u{fe0f}",
        "\u{fff9}\u{fffb}",
        "\u{1d159}",
        "\u{1d173}",
        "\u{e0001}\u{e007f}",
        "\u{e0100}",
        "\u{1}\u{7f}\u{9f}",
        " \u{200b} \u{feff}\t",
    ];

    const VISIBLE: [&str; 7] = [
        "\u{200b}a",
        "❤\u{fe0f}",
        "\u{6dd}",
        "👩\u{200d}👧",
        ".",
        "\u{301}",
        "\u{e000}",
    ];

    #[test]
    fn a_title_of_invisible_characters_alone_is_empty() {
        for text in INVISIBLE {
            assert_eq!(
                Title::parse(text),
                Err(InvalidText::Empty),
                "{}",
                text.escape_unicode()
            );
        }
        for text in VISIBLE {
            let title = Title::parse(text).unwrap();
            assert_eq!(title.as_str(), text, "{}", text.escape_unicode());
        }
        assert_eq!(Title::parse("\0"), Err(InvalidText::Nul));
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
