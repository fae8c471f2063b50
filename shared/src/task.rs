//! The domain: what a task is and what may be said of one. No HTTP, no SQL.

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use serde::{Serialize, Serializer};
use uuid::Uuid;

/// The most characters (Unicode scalar values) that a title has, after trimming.
pub const TITLE_MAX_CHARS: usize = 200;

/// The most characters (Unicode scalar values) that a description has.
pub const DESCRIPTION_MAX_CHARS: usize = 10_000;

/// A task, as clients see it. Fields may be added; none is ever renamed or removed.
#[derive(Debug, Serialize)]
pub struct Task {
    /// UUID version 7 (RFC 9562), so that ids ascend with time.
    pub id: Uuid,
    /// Whose task it is: the subject of that user's tokens.
    pub user_id: String,
    /// What is to be done: 1 to [`TITLE_MAX_CHARS`] characters, trimmed.
    pub title: String,
    /// More about it: up to [`DESCRIPTION_MAX_CHARS`] characters.
    pub description: Option<String>,
    /// Whether it is done.
    pub completed: bool,
    /// When it was stored (RFC 3339, UTC, always six digits of a second: such texts sort as the times do).
    #[serde(serialize_with = "microseconds")]
    pub created_at: Timestamp,
    /// When it last changed; equal to `created_at` until then.
    #[serde(serialize_with = "microseconds")]
    pub updated_at: Timestamp,
}

fn microseconds<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(6));
    serializer.serialize_str(&PRINTER.timestamp_to_string(time))
}

/// A task that is about to be stored.
#[derive(Debug)]
pub struct NewTask {
    /// Chosen before the first try, so that storing it twice stores one task.
    pub id: Uuid,
    /// See [`Task::title`].
    pub title: Title,
    /// See [`Task::description`].
    pub description: Option<Description>,
    /// See [`Task::completed`].
    pub completed: bool,
}

/// Changes to a task: what is `None` stays as it is.
#[derive(Debug, Default)]
pub struct TaskChanges {
    /// The new title.
    pub title: Option<Title>,
    /// The new description; `Some(None)` removes it.
    pub description: Option<Option<Description>>,
    /// Whether it is done now.
    pub completed: Option<bool>,
}

/// Whether a task is to be completed or pending.
#[derive(Debug)]
pub struct Completion {
    /// `true` completes the task, `false` makes it pending again.
    pub completed: bool,
}

impl From<Completion> for TaskChanges {
    fn from(Completion { completed }: Completion) -> Self {
        Self { completed: Some(completed), ..Self::default() }
    }
}

/// Which tasks a list holds.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum StatusFilter {
    /// Every task.
    #[default]
    All,
    /// Those not done.
    Pending,
    /// Those done.
    Completed,
}

impl StatusFilter {
    /// The value of `completed` that this filter asks for, if it asks for one.
    #[must_use]
    pub fn completed(self) -> Option<bool> {
        match self {
            Self::All => None,
            Self::Pending => Some(false),
            Self::Completed => Some(true),
        }
    }
}

/// Text that breaks one of the rules of [`Title`] or [`Description`].
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidText {
    /// Nothing is left after trimming.
    #[error("must not be empty")]
    Empty,
    /// More characters than allowed.
    #[error("must have at most {max} characters, not {chars}")]
    TooLong {
        /// How many it has.
        chars: usize,
        /// How many it may have.
        max: usize,
    },
    /// PostgreSQL's `text` cannot hold U+0000.
    #[error("must not contain the NUL character (U+0000)")]
    Nul,
}

/// A valid title: trimmed, 1 to [`TITLE_MAX_CHARS`] characters, without NUL.
#[derive(Debug, Eq, PartialEq)]
pub struct Title(String);

impl Title {
    /// Trims `text` (Unicode `White_Space`) and accepts it when it is a valid title.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidText::Empty);
        }
        check(text, TITLE_MAX_CHARS).map(|()| Self(text.to_owned()))
    }

    /// The title's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A valid description: up to [`DESCRIPTION_MAX_CHARS`] characters, without NUL, kept as it was given.
#[derive(Debug, Eq, PartialEq)]
pub struct Description(String);

impl Description {
    /// Accepts `text` when it is a valid description.
    pub fn parse(text: String) -> Result<Self, InvalidText> {
        check(&text, DESCRIPTION_MAX_CHARS).map(|()| Self(text))
    }

    /// The description's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn check(text: &str, max: usize) -> Result<(), InvalidText> {
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
        assert_eq!(Title::parse("\u{2003} buy milk\u{a0}\n").unwrap().as_str(), "buy milk");
    }

    #[test]
    fn a_title_of_white_space_is_empty() {
        assert_eq!(Title::parse(" \t\u{3000}"), Err(InvalidText::Empty));
    }

    #[test]
    fn length_counts_characters_not_bytes() {
        assert!(Title::parse(&"ü".repeat(200)).is_ok());
        assert_eq!(Title::parse(&"🦀".repeat(201)), Err(InvalidText::TooLong { chars: 201, max: 200 }));
        assert!(Description::parse("日".repeat(10_000)).is_ok());
        assert!(Description::parse("日".repeat(10_001)).is_err());
    }

    #[test]
    fn nul_is_refused() {
        assert_eq!(Title::parse("a\0b"), Err(InvalidText::Nul));
        assert_eq!(Description::parse("\0".into()), Err(InvalidText::Nul));
    }

    #[test]
    fn a_description_is_kept_as_it_was_given() {
        assert_eq!(Description::parse("  \n".into()).unwrap().as_str(), "  \n");
    }
}
