//! A page of tasks, as large as Lambda can answer.

use axum::http::HeaderMap;
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, LINK};
use axum::response::{IntoResponse, Response};
use percent_encoding::utf8_percent_encode;

use super::answer::SEGMENT;
use super::conditional::Tagged;
use super::{EntityTag, ListRequest, MAX_ANSWER_BYTES, cursor};
use crate::tasks::Page;
use crate::{Caller, Error, Task};

const TOTAL_COUNT: HeaderName = HeaderName::from_static("x-total-count");

/// 200 with a bare JSON array of tasks: the first ones that fit into Lambda's answer, which only very long
/// descriptions make fewer than were asked for. `Link` leads to the page after the last of them (RFC 8288).
#[derive(Debug)]
pub struct TaskList {
    body: String,
    tag: EntityTag,
    next: Option<String>,
    total: Option<i64>,
}

impl TaskList {
    /// The page that the caller asked for.
    pub fn new(page: &Page, request: &ListRequest, caller: &Caller) -> Result<Self, Error> {
        let (body, held) = array(&page.tasks, MAX_ANSWER_BYTES)
            .map_err(|error| Error::Internal(error.to_string()))?;
        let next = last_before_more(page, held).map(|last| next_page(last, request, caller));
        let tag = tag(&page.tasks[..held], next.as_deref(), page.total);
        Ok(Self {
            tag,
            body,
            next,
            total: page.total,
        })
    }
}

/// The last of the tasks that an answer holds, if there are more after it.
pub(super) fn last_before_more(page: &Page, held: usize) -> Option<&Task> {
    page.tasks[..held]
        .last()
        .filter(|_| page.more || held < page.tasks.len())
}

/// A task's id and time tell its state; of the headers, everything does.
fn tag(tasks: &[Task], next: Option<&str>, total: Option<i64>) -> EntityTag {
    let states = tasks.iter().map(|task| {
        (
            *task.id.as_bytes(),
            task.updated_at.as_microsecond().to_be_bytes(),
        )
    });
    let states = states.map(|(id, time)| [&id[..], &time[..]].concat());
    let headers = format!("{next:?} {total:?}").into_bytes();
    EntityTag::digest(states.chain([headers]))
}

fn next_page(
    last: &Task,
    ListRequest { query, parameters }: &ListRequest,
    caller: &Caller,
) -> String {
    let cursor = (
        "cursor".to_owned(),
        cursor::encode(&query.cursor_after(last), query),
    );
    let parameters = parameters.iter().chain([&cursor]);
    let pairs: Vec<_> = parameters
        .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
        .collect();
    format!(
        "/api/v1/{}/tasks?{}",
        encoded(caller.user_id()),
        pairs.join("&")
    )
}

/// A text as a segment of a path, or a part of a query.
pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// The header that leads to the next page.
pub(super) fn next_link(address: &str) -> Option<(HeaderName, HeaderValue)> {
    Some((
        LINK,
        HeaderValue::try_from(format!("<{address}>; rel=\"next\"")).ok()?,
    ))
}

impl Tagged for TaskList {
    fn tag(&self) -> EntityTag {
        self.tag.clone()
    }
}

impl IntoResponse for TaskList {
    fn into_response(self) -> Response {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.extend(self.next.as_deref().and_then(next_link));
        if let Some(total) = self.total {
            headers.insert(TOTAL_COUNT, HeaderValue::from(total));
        }
        (headers, self.body).into_response()
    }
}

/// As many of the tasks as fit into an answer of so many bytes, as a JSON array; and how many they are. Each is written
/// where it stays.
///
/// Never fails: a task can be written as JSON, which is UTF-8.
pub fn array(tasks: &[Task], max_bytes: usize) -> serde_json::Result<(String, usize)> {
    let mut body = b"[".to_vec();
    let mut bytes = "[]".len();
    let mut held = 0;
    for task in tasks {
        let end = body.len();
        if held > 0 {
            body.push(b',');
        }
        serde_json::to_writer(&mut body, task)?;
        bytes += bytes_in_answer(&body[end..]);
        if bytes > max_bytes {
            body.truncate(end);
            break;
        }
        held += 1;
    }
    body.push(b']');
    // Never an error: JSON is UTF-8.
    let body = String::from_utf8(body).map_err(serde::ser::Error::custom)?;
    Ok((body, held))
}

/// What JSON takes as a string within the JSON of Lambda's answer: quotes and backslashes twice.
pub(super) fn bytes_in_answer(json: impl AsRef<[u8]>) -> usize {
    let json = json.as_ref();
    // Counts that fit into a byte are ones that the compiler makes many of at once.
    let count = |part: &[u8]| {
        part.iter()
            .map(|byte| u8::from(matches!(byte, b'"' | b'\\')))
            .sum::<u8>()
    };
    json.len()
        + json
            .chunks(usize::from(u8::MAX))
            .map(|part| usize::from(count(part)))
            .sum::<usize>()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;
    use crate::task::Priority;

    fn task(description: &str) -> Task {
        Task {
            id: Uuid::nil(),
            user_id: "ann".into(),
            title: "t".into(),
            description: Some(description.into()),
            completed: false,
            priority: Priority::None,
            due: None,
            time_zone: None,
            tags: Vec::new(),
            completed_at: None,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_list_is_a_bare_array() {
        assert_eq!(array(&[], MAX_ANSWER_BYTES).unwrap(), ("[]".into(), 0));
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
        assert_eq!(
            serde_json::from_str::<Vec<serde_json::Value>>(&body)
                .unwrap()
                .len(),
            held
        );
    }
}
