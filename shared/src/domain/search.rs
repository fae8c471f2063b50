//! Searches.

use serde::Serialize;

use super::text::is_blank;

/// The maximum length of a search, in characters (Unicode scalar values).
pub const SEARCH_MAX_CHARS: usize = 200;

/// The maximum number of words in a search: each is looked for in every task of the user.
pub const SEARCH_MAX_WORDS: usize = 10;

/// Words that a task must contain, all of them: each anywhere in its title or description, in any
/// order. White space separates words; nothing in a word is special.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Search(Vec<String>);

/// Why a text is not a valid search.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidSearch {
    /// It is empty, invisible or too long, or contains U+0000.
    #[error("must have 1 to {SEARCH_MAX_CHARS} characters")]
    Length,
    /// It has too many words.
    #[error("must have at most {SEARCH_MAX_WORDS} words, not {0}")]
    TooManyWords(usize),
}

impl Search {
    /// Accepts up to [`SEARCH_MAX_WORDS`] words, in a text of up to [`SEARCH_MAX_CHARS`]
    /// characters.
    pub fn parse(text: &str) -> Result<Self, InvalidSearch> {
        let text = text.trim();
        let chars = text.chars().count();
        if is_blank(text) || chars > SEARCH_MAX_CHARS || text.contains('\0') {
            return Err(InvalidSearch::Length);
        }
        let words: Vec<_> = text.split_whitespace().map(str::to_owned).collect();
        if words.len() > SEARCH_MAX_WORDS {
            return Err(InvalidSearch::TooManyWords(words.len()));
        }
        Ok(Self(words))
    }

    /// The words.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_separates_words() {
        let search = Search::parse(" C#\u{3000}book\t.NET ").unwrap();
        assert_eq!(search.words(), ["C#", "book", ".NET"]);
    }

    #[test]
    fn a_search_is_bounded() {
        assert_eq!(Search::parse(" \u{a0}"), Err(InvalidSearch::Length));
        assert_eq!(Search::parse("\u{200b}"), Err(InvalidSearch::Length));
        assert_eq!(Search::parse("a\0b"), Err(InvalidSearch::Length));
        assert!(Search::parse(&"ü".repeat(200)).is_ok());
        assert_eq!(Search::parse(&"ü".repeat(201)), Err(InvalidSearch::Length));
        assert!(Search::parse(&"a ".repeat(10)).is_ok());
        let eleven = Search::parse(&"a ".repeat(11));
        assert_eq!(eleven, Err(InvalidSearch::TooManyWords(11)));
    }
}
