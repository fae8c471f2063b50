//! The domain: what a task is and what may be said of one. No HTTP, no SQL.

mod changes;
mod due;
mod priority;
mod tags;
mod text;
mod time_zone;

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use serde::{Serialize, Serializer};
use uuid::Uuid;

pub use changes::{Completion, NewTask, TaskChanges};
pub use due::{Due, InvalidDue};
pub use priority::{Priority, UnknownPriority};
pub use tags::{InvalidTags, TAG_MAX_CHARS, TAGS_MAX, Tags};
pub use text::{DESCRIPTION_MAX_CHARS, Description, InvalidText, TITLE_MAX_CHARS, Title};
pub use time_zone::{TimeZoneName, UnknownTimeZone};

/// A task, as clients see it. Fields may be added; none is ever renamed or removed.
#[derive(Debug, Serialize)]
pub struct Task {
    /// UUID, version 7 (RFC 9562) unless the client chose it, so that ids ascend with time.
    pub id: Uuid,
    /// Whose task it is: the subject of that user's tokens.
    pub user_id: String,
    /// What is to be done: 1 to [`TITLE_MAX_CHARS`] characters, trimmed.
    pub title: String,
    /// More about it: up to [`DESCRIPTION_MAX_CHARS`] characters.
    pub description: Option<String>,
    /// Whether it is done.
    pub completed: bool,
    /// How much it matters.
    pub priority: Priority,
    /// When it is to be done.
    pub due: Option<Due>,
    /// The IANA time zone that `due` is meant in.
    pub time_zone: Option<String>,
    /// Up to [`TAGS_MAX`] different words, in the order that the client gave.
    pub tags: Vec<String>,
    /// When it was completed; nothing while it is pending.
    #[serde(serialize_with = "optional_microseconds")]
    pub completed_at: Option<Timestamp>,
    /// When it was stored (RFC 3339, UTC, always six digits of a second: such texts sort as the times do).
    #[serde(serialize_with = "microseconds")]
    pub created_at: Timestamp,
    /// When it last changed; equal to `created_at` until then. It never has the same value twice.
    #[serde(serialize_with = "microseconds")]
    pub updated_at: Timestamp,
}

/// RFC 3339 in UTC with six digits of a second.
pub(crate) fn rfc3339(time: &Timestamp) -> String {
    const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(6));
    PRINTER.timestamp_to_string(time)
}

fn microseconds<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&rfc3339(time))
}

#[expect(clippy::ref_option, reason = "serde gives what the field is")]
fn optional_microseconds<S: Serializer>(
    time: &Option<Timestamp>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => microseconds(time, serializer),
        None => serializer.serialize_none(),
    }
}
