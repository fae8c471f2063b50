//! As much of an answer as Lambda can carry.

use serde::Serialize;
use serde::ser::Error;

/// The maximum size of what an answer lists, in bytes. Lambda's limit is 6 MB (6,291,556 bytes)
/// for the whole answer; the rest is for status and headers.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub(super) const MAX_ANSWER_BYTES: usize = 6 * 1024 * 1024 - 16 * 1024;

/// As many of the items as fit into an answer of that size, as a JSON array, and their number. Each
/// is written straight into its final place.
///
/// Never fails: every item can be written as JSON, which is UTF-8.
pub fn array<T: Serialize>(items: &[T], max_bytes: usize) -> serde_json::Result<(String, usize)> {
    let mut body = b"[".to_vec();
    let mut bytes = "[]".len();
    let mut held = 0;
    for item in items {
        let end = body.len();
        if held > 0 {
            body.push(b',');
        }
        serde_json::to_writer(&mut body, item)?;
        bytes += bytes_in_answer(&body[end..]);
        if bytes > max_bytes {
            body.truncate(end);
            break;
        }
        held += 1;
    }
    body.push(b']');
    let body = String::from_utf8(body).map_err(serde_json::Error::custom)?;
    Ok((body, held))
}

/// The last of the items that an answer holds, if there are more after it.
pub(super) fn last_before_more<T>(items: &[T], more: bool, held: usize) -> Option<&T> {
    let last = items[..held].last();
    last.filter(|_| more || held < items.len())
}

/// The bytes of JSON as a string in the JSON of Lambda's answer: quotes and backslashes count
/// twice.
pub(super) fn bytes_in_answer(json: impl AsRef<[u8]>) -> usize {
    let json = json.as_ref();
    // The compiler vectorizes counts that fit into a byte.
    let count = |part: &[u8]| {
        let escaped = part.iter().map(|byte| matches!(byte, b'"' | b'\\'));
        escaped.map(u8::from).sum::<u8>()
    };
    let parts = json.chunks(usize::from(u8::MAX));
    json.len() + parts.map(|part| usize::from(count(part))).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::{Description, NewTask, Task, TaskFields, Title};

    fn task(description: &str) -> Task {
        let new = NewTask::new(TaskFields {
            description: Some(Description::parse(description.into()).unwrap()),
            ..TaskFields::new(Title::parse("t").unwrap())
        });
        new.stored("ann".into(), Timestamp::UNIX_EPOCH, 0)
    }

    #[test]
    fn a_list_is_a_bare_array() {
        assert_eq!(
            array::<Task>(&[], MAX_ANSWER_BYTES).unwrap(),
            ("[]".into(), 0)
        );
        let tasks = [task("a"), task("b")];
        assert_eq!(
            array(&tasks, MAX_ANSWER_BYTES).unwrap(),
            (serde_json::to_string(&tasks).unwrap(), 2)
        );
    }

    #[test]
    fn a_list_of_the_longest_descriptions_fits_into_lambdas_answer() {
        let tasks: Vec<_> = (0..1000).map(|_| task(&"\"".repeat(10_000))).collect();
        let (body, held) = array(&tasks, MAX_ANSWER_BYTES).unwrap();
        let answer = serde_json::to_string(&body).unwrap();
        assert!(answer.len() <= MAX_ANSWER_BYTES + 2, "{}", answer.len());
        assert!(answer.len() > MAX_ANSWER_BYTES - 50_000, "{}", answer.len());
        let listed: Vec<serde_json::Value> = serde_json::from_str(&body).unwrap();
        assert_eq!(listed.len(), held);
    }
}
