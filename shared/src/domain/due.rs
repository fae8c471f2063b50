//! Due dates: a task is due on a day, or at an instant.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use serde::{Serialize, Serializer};

use super::days::Days;
use super::timestamp::rfc3339;

/// When a task is to be done. Clients get it back in the form in which they sent it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Due {
    /// All day, the same date everywhere.
    Day(Date),
    /// At an instant.
    Instant {
        /// The instant, to the microsecond.
        at: Timestamp,
        /// The client's text, which keeps its offset from UTC.
        given: String,
    },
}

/// Why a text is not a due date.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidDue {
    /// It has the form of neither a date nor a date-time.
    #[error(
        "must be a date such as `2026-12-01`, or a date-time with an offset such as `2026-12-01T09:30:00+02:00`"
    )]
    Form,
    /// It has the right form, but there is no such day or time.
    #[error("must be a day and time that exist, after the year 0 and before 9999-12-30T22:00:00Z")]
    NoSuchTime,
}

/// 0001-01-01T00:00:00Z. PostgreSQL has no year 0.
const EARLIEST: Timestamp = Timestamp::constant(-62_135_596_800, 0);

/// The form of an RFC 3339 `full-date`; `0` stands for any digit.
const DATE: &[u8] = b"0000-00-00";

/// The form of an RFC 3339 `date-time` up to the seconds.
const DATE_TIME: &[u8] = b"0000-00-00T00:00:00";

/// The maximum number of digits in a fraction of a second: PostgreSQL keeps microseconds.
const FRACTION_MAX_DIGITS: usize = 6;

impl Due {
    /// Accepts an RFC 3339 `full-date`, or a `date-time` with capital `T` and `Z`. A fraction of a
    /// second is cut after six digits: what clients get back is what is stored. Refuses leap
    /// seconds (`:60`): few clocks have them, and PostgreSQL has none.
    pub fn parse(text: &str) -> Result<Self, InvalidDue> {
        if has_form(text.as_bytes(), DATE) {
            let date: Date = text.parse().map_err(|_| InvalidDue::NoSuchTime)?;
            return if date.year() > 0 {
                Ok(Self::Day(date))
            } else {
                Err(InvalidDue::NoSuchTime)
            };
        }
        let text = &cut(text);
        let offset = offset(text.as_bytes()).ok_or(InvalidDue::Form)?;
        // jiff accepts leap seconds, and offsets of more than a day.
        if &text[17..19] == "60" || offset.get(1..3).is_some_and(|hours| hours > &b"23"[..]) {
            return Err(InvalidDue::NoSuchTime);
        }
        let at = text.parse().map_err(|_| InvalidDue::NoSuchTime)?;
        if at < EARLIEST {
            Err(InvalidDue::NoSuchTime)
        } else {
            Ok(Self::Instant {
                at,
                given: text.clone().into_owned(),
            })
        }
    }

    /// Its place in the order of due dates, in a form that PostgreSQL reads as `timestamptz`. An
    /// all-day due date stands at the start of its day, in UTC unless `days` are given.
    #[must_use]
    pub fn order(&self, days: Option<&Days>) -> String {
        match (self, days) {
            (Self::Day(day), None) => format!("{day}T00:00:00Z"),
            (Self::Day(day), Some(days)) => {
                // PostgreSQL has no year 0.
                let start = days.start(*day).max(date(1, 1, 1).at(0, 0, 0, 0));
                format!("{start}Z")
            }
            (Self::Instant { at, .. }, _) => rfc3339(at),
        }
    }
}

fn has_form(text: &[u8], form: &[u8]) -> bool {
    text.len() == form.len()
        && text.iter().zip(form).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            _ => byte == form,
        })
}

/// The text without the digits of its fraction of a second that PostgreSQL does not keep.
fn cut(text: &str) -> Cow<'_, str> {
    const POINT: usize = DATE_TIME.len();
    let digits = text.get(POINT..).and_then(|rest| rest.strip_prefix('.'));
    let digits = digits.unwrap_or_default().bytes();
    let count = digits.take_while(u8::is_ascii_digit).count();
    if count <= FRACTION_MAX_DIGITS {
        return Cow::Borrowed(text);
    }
    let (kept, after) = (POINT + 1 + FRACTION_MAX_DIGITS, POINT + 1 + count);
    Cow::Owned([&text[..kept], &text[after..]].concat())
}

/// The offset of a text in the form of an RFC 3339 `date-time`.
fn offset(text: &[u8]) -> Option<&[u8]> {
    let (start, rest) = text.split_at_checked(DATE_TIME.len())?;
    let offset = match rest.strip_prefix(b".") {
        None => rest,
        Some(rest) => {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            (1..=FRACTION_MAX_DIGITS)
                .contains(&digits)
                .then(|| &rest[digits..])?
        }
    };
    let is_offset = [&b"Z"[..], b"+00:00", b"-00:00"]
        .iter()
        .any(|form| has_form(offset, form));
    (has_form(start, DATE_TIME) && is_offset).then_some(offset)
}

impl Serialize for Due {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Day(date) => serializer.collect_str(date),
            Self::Instant { given, .. } => serializer.serialize_str(given),
        }
    }
}

#[cfg(test)]
mod tests;
