//! Unpaired surrogates: `\ud83e` without the `\udd80` that makes it a character. Clients that cut a
//! text after a number of UTF-16 units send them. No Rust string can hold one.

use super::value::Value;

/// What stands for an unpaired surrogate. No text that is accepted contains it, because of its NUL.
const MARK: &str = "\u{0}\u{ffff}\u{0}";

/// What is wrong with a string that has one.
pub(super) const UNPAIRED: &str =
    "must not contain an unpaired surrogate, which is half of a character";

/// The mark in JSON.
const ESCAPED_MARK: &[u8] = br"\u0000\uffff\u0000";

/// The bytes of `\ud83e`.
const ESCAPE_BYTES: usize = 6;

/// The JSON with a mark in place of each unpaired surrogate; `None` if it contains none.
pub(super) fn marked(json: &[u8]) -> Option<Vec<u8>> {
    let (mut marked, mut rest, mut found) = (Vec::new(), json, false);
    while let Some(start) = rest.iter().position(|byte| *byte == b'\\') {
        let (before, escape) = rest.split_at(start);
        marked.extend_from_slice(before);
        let taken = match (
            unit(escape),
            unit(escape.get(ESCAPE_BYTES..).unwrap_or_default()),
        ) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 2 * ESCAPE_BYTES,
            (Some(0xd800..=0xdfff), _) => {
                marked.extend_from_slice(ESCAPED_MARK);
                found = true;
                rest = &escape[ESCAPE_BYTES..];
                continue;
            }
            // Another escape: after `\\`, a `u` is only a letter.
            _ => escape.len().min(2),
        };
        marked.extend_from_slice(&escape[..taken]);
        rest = &escape[taken..];
    }
    marked.extend_from_slice(rest);
    found.then_some(marked)
}

/// Whether a string had an unpaired surrogate.
pub(super) fn is_marked(text: &str) -> bool {
    text.contains(MARK)
}

/// Whether a string or a name anywhere in the value had one.
pub(super) fn are_in(value: &Value) -> bool {
    match value {
        Value::String(text) => is_marked(text),
        Value::Array(items) => items.iter().any(are_in),
        Value::Object(members) => {
            let mut members = members.iter();
            members.any(|(name, value)| is_marked(name) || are_in(value))
        }
        Value::Null | Value::Bool(_) | Value::Number => false,
    }
}

/// The UTF-16 unit of the escape at the beginning.
fn unit(json: &[u8]) -> Option<u16> {
    let digits = json.strip_prefix(br"\u")?.get(..4)?;
    let is_hex = digits.iter().all(u8::is_ascii_hexdigit);
    let digits = std::str::from_utf8(digits).ok().filter(|_| is_hex)?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_surrogates_without_their_other_half_are_marked() {
        for (json, expected) in [
            (r#"["\ud83e"]"#, Some("[\"\u{0}\u{ffff}\u{0}\"]")),
            (r#"["\uDD80x"]"#, Some("[\"\u{0}\u{ffff}\u{0}x\"]")),
            (
                r#"["\udd80\ud83e"]"#,
                Some("[\"\u{0}\u{ffff}\u{0}\u{0}\u{ffff}\u{0}\"]"),
            ),
            (
                r#"["\ud83e\ud83e\udd80"]"#,
                Some("[\"\u{0}\u{ffff}\u{0}🦀\"]"),
            ),
            (r#"["\ud83e\n"]"#, Some("[\"\u{0}\u{ffff}\u{0}\\n\"]")),
            (r#"["\ud83e\udd80"]"#, None),
            (r#"["\\ud83e"]"#, None),
            (r#"["\\\\ud83e"]"#, None),
            (r#"["\u00e9 \" \\"]"#, None),
            (r#"["\ud8"#, None),
            ("\\", None),
            ("", None),
        ] {
            let marked = marked(json.as_bytes());
            let read = marked.map(|json| serde_json::from_slice::<Vec<String>>(&json).unwrap());
            let expected = expected.map(|json| {
                let json = json.replace('\u{0}', r"\u0000");
                serde_json::from_str::<Vec<String>>(&json).unwrap()
            });
            assert_eq!(read, expected, "{json}");
        }
    }
}
