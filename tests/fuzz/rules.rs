//! The rules for a task, stated a second time and differently from the functions.

use std::fmt;
use std::sync::LazyLock;

use regex::Regex;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value, json};

/// The members of a JSON object as they were sent, including repeated ones.
pub struct SentMembers(pub Vec<(String, Value)>);

impl<'de> Deserialize<'de> for SentMembers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = SentMembers;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SentMembers, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(SentMembers(pairs))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

pub const INPUT: [&str; 7] = [
    "title",
    "description",
    "completed",
    "priority",
    "due",
    "time_zone",
    "tags",
];
pub const IGNORED: [&str; 5] = ["id", "user_id", "completed_at", "created_at", "updated_at"];

/// The fields that a body sets, as they are stored, or nothing if the body must be refused.
pub fn set_by(body: &[u8]) -> Option<Map<String, Value>> {
    set_as(body, false)
}

/// The same, for a new task or an existing one: only for a new one, `null` has one meaning in
/// `completed`.
fn set_as(body: &[u8], is_new: bool) -> Option<Map<String, Value>> {
    let SentMembers(members) = serde_json::from_slice(unmarked(body)).ok()?;
    let mut set = Map::new();
    for (name, value) in members {
        if IGNORED.contains(&name.as_str()) {
            continue;
        }
        let stored = INPUT.contains(&name.as_str()).then(|| match &value {
            Value::Null if is_new && name == "completed" => Some(json!(false)),
            value => stored(&name, value),
        })??;
        if set.insert(name, stored).is_some() {
            return None;
        }
    }
    Some(set)
}

/// The body without a byte order mark.
pub fn unmarked(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

/// The new task that a body creates: its own fields, and the defaults of all others.
pub fn new_task(body: &[u8]) -> Option<Map<String, Value>> {
    let mut task = json!({
        "description": null, "completed": false, "priority": "none", "due": null, "time_zone": null, "tags": [],
    });
    let set = set_as(body, true).filter(|set| set.contains_key("title"))?;
    task.as_object_mut()?.extend(set);
    task.as_object().cloned()
}

/// The value of a field, as stored.
fn stored(field: &str, value: &Value) -> Option<Value> {
    match field {
        "title" => line(value, 200).map(Value::String),
        "description" => match value {
            Value::String(text) => {
                (text.chars().count() <= 10_000 && !text.contains('\0')).then(|| value.clone())
            }
            _ => value.is_null().then_some(Value::Null),
        },
        "completed" => value.is_boolean().then(|| value.clone()),
        "priority" if value.is_null() => Some(json!("none")),
        "priority" => ["none", "low", "medium", "high", "urgent"]
            .contains(&value.as_str()?)
            .then(|| value.clone()),
        "due" | "time_zone" if value.is_null() => Some(Value::Null),
        "due" => is_due(value.as_str()?).then(|| json!(cut(value.as_str().unwrap()))),
        "time_zone" => is_time_zone(value.as_str()?).then(|| value.clone()),
        "tags" if value.is_null() => Some(json!([])),
        "tags" => tags(value.as_array()?),
        _ => None,
    }
}

/// A trimmed string of 1 to `max` characters.
fn line(value: &Value, max: usize) -> Option<String> {
    let text = value.as_str()?.trim_matches(char::is_whitespace);
    is_line(text, max).then(|| text.to_owned())
}

/// Whether a trimmed text has 1 to `max` characters, of which one can be seen.
pub fn is_line(text: &str, max: usize) -> bool {
    (1..=max).contains(&text.chars().count()) && !text.contains('\0') && VISIBLE.is_match(text)
}

static VISIBLE: LazyLock<Regex> = LazyLock::new(|| {
    let invisible = r"\s\p{Cc}\p{DI}\x{fff9}-\x{fffb}\x{2800}\x{1d159}\x{13430}-\x{1343f}";
    Regex::new(&format!("[^{invisible}]")).unwrap()
});

/// A due with at most six digits after the second.
fn cut(due: &str) -> String {
    let digits = Regex::new(r"(\.[0-9]{6})[0-9]+").unwrap();
    digits.replace(due, "$1").into_owned()
}

fn tags(values: &[Value]) -> Option<Value> {
    let tags: Vec<String> = values
        .iter()
        .map(|tag| line(tag, 50))
        .collect::<Option<_>>()?;
    let different: std::collections::HashSet<_> = tags.iter().collect();
    (tags.len() <= 20 && different.len() == tags.len()).then(|| json!(tags))
}

pub fn is_time_zone(name: &str) -> bool {
    jiff::tz::db().available().any(|zone| zone.as_str() == name)
}

static DUE: LazyLock<Regex> = LazyLock::new(|| {
    let date = "([0-9]{4})-([0-9]{2})-([0-9]{2})";
    let time = r"T([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]+)?(Z|([+-])([0-9]{2}):([0-9]{2}))";
    Regex::new(&format!("^{date}({time})?$")).unwrap()
});

/// A day, or a date-time in the years that PostgreSQL can store with any offset.
pub fn is_due(text: &str) -> bool {
    let Some(parts) = DUE.captures(text) else {
        return false;
    };
    let number = |group: usize| {
        parts
            .get(group)
            .map_or(0, |digits| digits.as_str().parse::<i64>().unwrap())
    };
    let (year, month, day) = (number(1), number(2), number(3));
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    let clock =
        number(5) < 24 && number(6) < 60 && number(7) < 60 && number(11) < 24 && number(12) < 60;
    if !(1..=length).contains(&day) || !clock {
        return false;
    }
    let behind = parts.get(10).is_some_and(|sign| sign.as_str() == "-");
    let offset = (number(11) * 60 + number(12)) * if behind { -1 } else { 1 };
    let second = (number(5) * 60 + number(6) - offset) * 60 + number(7);
    within((year, month, day), second, parts.get(4).is_none())
}

/// Whether an instant, in seconds from the start of a day, lies between 0001-01-01T00:00Z and
/// 9999-12-30T22:00Z.
fn within(date: (i64, i64, i64), second: i64, all_day: bool) -> bool {
    const HOUR: i64 = 3600;
    match date {
        (0, 12, 31) => second >= 24 * HOUR,
        (0, ..) => false,
        _ if all_day => true,
        (1, 1, 1) => second >= 0,
        (9999, 12, 30) => second <= 22 * HOUR,
        (9999, 12, 31) => second <= -2 * HOUR,
        _ => true,
    }
}
