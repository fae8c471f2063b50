//! Cursors of the feed of changes: how far a client has read. They are opaque to clients.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::domain::Position;

/// The first byte of each kind of cursor.
const NOTHING: u8 = 0;
const EVERYTHING: u8 = 1;
const MEANWHILE: u8 = 2;
const SINCE: u8 = 3;

/// The position as text, in base64url.
pub(in crate::http) fn encode(position: &Position) -> String {
    let bytes = match position {
        Position::Nothing => vec![NOTHING],
        Position::Everything {
            epoch,
            start,
            after,
            last,
        } => {
            let start = start.to_be_bytes();
            let [epoch, after, last] = [epoch, after, last].map(Uuid::as_bytes);
            [&[EVERYTHING][..], epoch, &start, after, last].concat()
        }
        Position::Meanwhile { epoch, after, end } => {
            let (after, end) = (after.to_be_bytes(), end.to_be_bytes());
            [&[MEANWHILE][..], epoch.as_bytes(), &after, &end].concat()
        }
        Position::Since { epoch, version } => {
            [&[SINCE][..], epoch.as_bytes(), &version.to_be_bytes()].concat()
        }
    };
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads a cursor. It is not signed: someone who makes one up only misses their own changes, and
/// the epoch, which is random, binds it to its user.
pub(super) fn decode(text: &str) -> Option<Position> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (kind, rest) = bytes.split_first()?;
    let mut rest = Rest(rest);
    let position = match *kind {
        NOTHING => Position::Nothing,
        EVERYTHING => Position::Everything {
            epoch: rest.id()?,
            start: rest.version()?,
            after: rest.id()?,
            last: rest.id()?,
        },
        MEANWHILE => Position::Meanwhile {
            epoch: rest.id()?,
            after: rest.version()?,
            end: rest.version()?,
        },
        SINCE => Position::Since {
            epoch: rest.id()?,
            version: rest.version()?,
        },
        _ => return None,
    };
    rest.0.is_empty().then_some(position)
}

/// The bytes that have not been read yet.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn id(&mut self) -> Option<Uuid> {
        self.take().map(Uuid::from_bytes)
    }

    fn version(&mut self) -> Option<i64> {
        self.take().map(i64::from_be_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_stands_for_its_position_and_nothing_else_does() {
        let [epoch, after, last] = [1, 2, 3].map(Uuid::from_u128);
        for position in [
            Position::Nothing,
            Position::Everything {
                epoch,
                start: 1,
                after,
                last,
            },
            Position::Meanwhile {
                epoch,
                after: 1,
                end: i64::MAX,
            },
            Position::Since { epoch, version: 7 },
        ] {
            let cursor = encode(&position);
            assert_eq!(decode(&cursor), Some(position), "{cursor}");
            for other in [
                format!("{cursor}AAAA"),
                cursor[1..].to_owned(),
                format!("{cursor}="),
            ] {
                assert_ne!(decode(&other), Some(position), "{other}");
            }
        }
        for garbage in ["", "x", "/w", "AAA=", "ü", "BAAA"] {
            assert_eq!(decode(garbage), None, "{garbage}");
        }
    }
}
