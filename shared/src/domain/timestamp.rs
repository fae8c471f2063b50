//! Timestamps as clients see them.

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use serde::Serializer;

/// RFC 3339 in UTC, always with six digits after the second: such texts sort in the order of their
/// times.
pub(crate) fn rfc3339(time: &Timestamp) -> String {
    const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(6));
    PRINTER.timestamp_to_string(time)
}

pub(super) fn required<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&rfc3339(time))
}

#[expect(clippy::ref_option, reason = "the type that serde passes")]
pub(super) fn optional<S: Serializer>(
    time: &Option<Timestamp>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => required(time, serializer),
        None => serializer.serialize_none(),
    }
}
