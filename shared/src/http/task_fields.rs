//! The fields of a task, as bodies have them.

use std::fmt::Display;

use uuid::Uuid;

use super::invalid::pointer;
use super::value::Value;
use super::{Field, Fields, FromFields, InvalidField};
use crate::task::{
    Completion, Description, Due, InvalidTags, NewTask, Priority, TAGS_MAX, Tags, TaskChanges,
    TimeZoneName, Title,
};

/// Fields that the service sets. A client that sends back what it got has them in its body: they are
/// ignored (AIP-203).
const OUTPUT_ONLY: [&str; 5] = ["id", "user_id", "completed_at", "created_at", "updated_at"];

/// Fields that a client sets.
const INPUT: [&str; 6] = [
    "title",
    "description",
    "priority",
    "due",
    "time_zone",
    "tags",
];

impl FromFields for NewTask {
    fn from_fields(mut fields: Fields) -> Result<Self, Vec<InvalidField>> {
        let title = fields.required("title");
        let description = fields.or_default::<Option<Description>>("description");
        let completed = fields.or_default("completed");
        let priority = fields.or_default("priority");
        let due = fields.or_default::<Option<Due>>("due");
        let time_zone = fields.or_default::<Option<TimeZoneName>>("time_zone");
        let tags = fields.or_default("tags");
        fields.ignore(&OUTPUT_ONLY);
        fields.finish("a task", || {
            Some(Self {
                id: Uuid::now_v7(),
                title: title?,
                description: description?,
                completed: completed?,
                priority: priority?,
                due: due?,
                time_zone: time_zone?,
                tags: tags?,
            })
        })
    }
}

impl FromFields for TaskChanges {
    fn from_fields(mut fields: Fields) -> Result<Self, Vec<InvalidField>> {
        let title = fields.optional("title");
        let description = fields.optional("description");
        let completed = fields.optional("completed");
        let priority = fields.optional("priority");
        let due = fields.optional("due");
        let time_zone = fields.optional("time_zone");
        let tags = fields.optional("tags");
        fields.ignore(&OUTPUT_ONLY);
        fields.finish("a task", || {
            Some(Self {
                title: title?,
                description: description?,
                completed: completed?.map(Completion::Set),
                priority: priority?,
                due: due?,
                time_zone: time_zone?,
                tags: tags?,
            })
        })
    }
}

impl FromFields for Completion {
    fn from_fields(mut fields: Fields) -> Result<Self, Vec<InvalidField>> {
        let completed = fields.required("completed");
        fields.ignore(&OUTPUT_ONLY);
        fields.ignore(&INPUT);
        fields.finish("a task", || completed.map(Self::Set))
    }
}

impl Field for Title {
    fn from_value(value: Value, pointer: &str) -> Result<Self, Vec<InvalidField>> {
        text(value, pointer, |text| Self::parse(&text))
    }
}

impl Field for Description {
    fn from_value(value: Value, pointer: &str) -> Result<Self, Vec<InvalidField>> {
        text(value, pointer, Self::parse)
    }
}

impl Field for Due {
    fn from_value(value: Value, pointer: &str) -> Result<Self, Vec<InvalidField>> {
        text(value, pointer, |text| Self::parse(&text))
    }
}

impl Field for TimeZoneName {
    fn from_value(value: Value, pointer: &str) -> Result<Self, Vec<InvalidField>> {
        text(value, pointer, |text| Self::parse(&text))
    }
}

impl Field for Priority {
    fn from_value(value: Value, pointer: &str) -> Result<Self, Vec<InvalidField>> {
        if matches!(value, Value::Null) {
            return Ok(Self::default());
        }
        text(value, pointer, |text| Self::parse(&text))
    }
}

impl Field for Tags {
    fn from_value(value: Value, at: &str) -> Result<Self, Vec<InvalidField>> {
        if matches!(value, Value::Null) {
            return Ok(Self::default());
        }
        if let Value::Array(items) = &value
            && items.len() > TAGS_MAX
        {
            return Err(wrong(at, InvalidTags::TooMany(items.len()).to_string()));
        }
        let texts: Vec<String> = Field::from_value(value, at)?;
        let item = |(index, detail): (usize, String)| {
            InvalidField::at(pointer(at, &index.to_string()), detail)
        };
        Self::parse(&texts).map_err(|error| match error {
            InvalidTags::Wrong(tags) => tags.into_iter().map(item).collect(),
            InvalidTags::TooMany(_) => wrong(at, error.to_string()),
        })
    }
}

/// `null` is no value: in a change, it removes the one that is there (RFC 7396).
impl<T: Field> Field for Option<T> {
    fn from_value(value: Value, pointer: &str) -> Result<Self, Vec<InvalidField>> {
        if matches!(value, Value::Null) {
            Ok(None)
        } else {
            T::from_value(value, pointer).map(Some)
        }
    }
}

impl<T: Field> Field for Vec<T> {
    fn from_value(value: Value, at: &str) -> Result<Self, Vec<InvalidField>> {
        let Value::Array(items) = value else {
            return Err(wrong(at, format!("must be an array, not {}", value.kind())));
        };
        let (mut values, mut all_wrong) = (Self::new(), Vec::new());
        for (index, item) in items.into_iter().enumerate() {
            match T::from_value(item, &pointer(at, &index.to_string())) {
                Ok(value) => values.push(value),
                Err(wrong) => all_wrong.extend(wrong),
            }
        }
        if all_wrong.is_empty() {
            Ok(values)
        } else {
            Err(all_wrong)
        }
    }
}

impl Field for bool {
    fn from_value(value: Value, pointer: &str) -> Result<Self, Vec<InvalidField>> {
        match value {
            Value::Bool(value) => Ok(value),
            value => Err(wrong(
                pointer,
                format!("must be true or false, not {}", value.kind()),
            )),
        }
    }
}

impl Field for String {
    fn from_value(value: Value, pointer: &str) -> Result<Self, Vec<InvalidField>> {
        match value {
            Value::String(text) => Ok(text),
            value => Err(wrong(
                pointer,
                format!("must be a string, not {}", value.kind()),
            )),
        }
    }
}

/// A string that `parse` accepts.
fn text<T, E: Display>(
    value: Value,
    pointer: &str,
    parse: impl FnOnce(String) -> Result<T, E>,
) -> Result<T, Vec<InvalidField>> {
    parse(String::from_value(value, pointer)?).map_err(|error| wrong(pointer, error.to_string()))
}

/// One wrong field, as the errors that a field can have.
pub(super) fn wrong(pointer: &str, detail: String) -> Vec<InvalidField> {
    vec![InvalidField::at(pointer, detail)]
}
