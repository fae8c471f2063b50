//! Cursors: where the next page of a list begins. They are opaque to clients.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::civil::DateTime;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::domain::{Cursor, Due, ListQuery, Priority, SortKey, TITLE_MAX_CHARS};

/// The length of the query's digest, which binds a cursor to its list, in bytes.
const DIGEST_BYTES: usize = 8;

/// The length of an id, in bytes.
const ID_BYTES: usize = 16;

/// The cursor as text: the digest of the query, the id and the key, in base64url.
pub(in crate::http) fn encode(cursor: &Cursor, query: &ListQuery) -> String {
    let bytes = [
        &digest(query)[..],
        cursor.id.as_bytes(),
        cursor.key.as_bytes(),
    ]
    .concat();
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads a cursor of a page of this list. It is not signed: someone who makes one up only begins
/// their own list somewhere else.
pub(super) fn decode(text: &str, query: &ListQuery) -> Option<Cursor> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (stated, rest) = bytes.split_at_checked(DIGEST_BYTES)?;
    let (id, key) = rest.split_at_checked(ID_BYTES)?;
    let key = std::str::from_utf8(key).ok()?;
    if stated != digest(query) || !is_key(key, query.sort.key) {
        return None;
    }
    Some(Cursor {
        key: key.to_owned(),
        id: Uuid::from_slice(id).ok()?,
    })
}

/// Whether the key has the form in which [`encode`] receives it, so that PostgreSQL can read it:
/// PostgreSQL refuses offsets of 16 hours and more, which RFC 3339 allows.
fn is_key(key: &str, sorted_by: SortKey) -> bool {
    let is_instant = |key: &str| Due::parse(key).is_ok_and(|due| due.order(None) == key);
    match sorted_by {
        SortKey::CreatedAt | SortKey::UpdatedAt => is_instant(key),
        SortKey::Due => key == "infinity" || is_instant(key) || is_start(key),
        SortKey::Priority => Priority::ALL
            .iter()
            .any(|priority| priority.rank().to_string() == key),
        // Including a title that was stored before titles had to be visible.
        SortKey::Title => key.chars().count() <= TITLE_MAX_CHARS && !key.contains('\0'),
    }
}

/// Whether it is the start of a day, which may be later than the last instant of `jiff`.
fn is_start(key: &str) -> bool {
    let start = key
        .strip_suffix('Z')
        .and_then(|start| start.parse::<DateTime>().ok());
    start.is_some_and(|start| start.year() > 0 && format!("{start}Z") == key)
}

fn digest(query: &ListQuery) -> [u8; DIGEST_BYTES] {
    // Never fails: a query consists of texts and numbers.
    let digest = Sha256::digest(serde_json::to_vec(query).unwrap_or_default());
    std::array::from_fn(|index| digest[index])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_one_that_postgresql_reads() {
        for (key, good) in [
            ("2026-12-01T00:00:00.000000Z", true),
            ("2026-12-01T00:00:00.000000+23:59", false),
            ("2026-12-01T00:00:00Z", false),
            ("2026-12-01", false),
            ("now", false),
        ] {
            let (query, id) = (ListQuery::default(), Uuid::nil());
            let cursor = encode(
                &Cursor {
                    key: key.to_owned(),
                    id,
                },
                &query,
            );
            assert_eq!(decode(&cursor, &query).is_some(), good, "{key}");
        }
    }
}
