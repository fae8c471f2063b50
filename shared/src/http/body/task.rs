//! The fields of a task in bodies.

use std::fmt::Display;

use super::members::{Flag, FromMembers, Given, Member, Members, wrong};
use super::value::Value;
use crate::domain::{
    Change, Completion, Description, Due, InvalidTags, NewTask, Priority, TAGS_MAX, Tags,
    TaskChanges, TaskFields, TimeZoneName, Title,
};
use crate::http::invalid::{InvalidField, pointer};

/// Fields that the service sets. A client that sends back what it received includes them: they are
/// ignored (AIP-203).
const OUTPUT_ONLY: [&str; 5] = ["id", "user_id", "completed_at", "created_at", "updated_at"];

macro_rules! fields {
    ($($field:ident),+) => {
        /// Fields that a client sets.
        const INPUT: &[&str] = &[$(stringify!($field)),+];

        impl FromMembers for TaskFields {
            fn from_members(mut members: Members) -> Result<Self, Vec<InvalidField>> {
                $(let $field = members.take(stringify!($field));)+
                members.ignore(&OUTPUT_ONLY);
                members.finish("a task", || Some(Self { $($field: $field?),+ }))
            }
        }

        impl FromMembers for TaskChanges {
            fn from_members(mut members: Members) -> Result<Self, Vec<InvalidField>> {
                $(let $field = members.take(stringify!($field));)+
                members.ignore(&OUTPUT_ONLY);
                members.finish("a task", || Some(Self { $($field: $field?),+ }))
            }
        }
    };
}

fields!(
    title,
    description,
    completed,
    priority,
    due,
    time_zone,
    tags
);

impl FromMembers for NewTask {
    fn from_members(members: Members) -> Result<Self, Vec<InvalidField>> {
        TaskFields::from_members(members).map(Self::new)
    }
}

/// The body of `complete-task`, which may be a whole task. Without `completed`, it means the same
/// as no body.
impl FromMembers for Completion {
    fn from_members(mut members: Members) -> Result<Self, Vec<InvalidField>> {
        let completed = members.take("completed");
        members.ignore(&OUTPUT_ONLY);
        members.ignore(INPUT);
        members.finish("a task", || {
            let Given(completed) = completed?;
            Some(completed.map_or(Self::Toggle, |Flag(value)| Self::Set(value)))
        })
    }
}

/// A member that is absent changes nothing.
impl<T: Member> Member for Change<T> {
    fn absent() -> Option<Self> {
        Some(Self::Keep)
    }

    fn from_value(value: Value, pointer: &str) -> Result<Self, Vec<InvalidField>> {
        T::from_value(value, pointer).map(Self::Set)
    }
}

impl Member for Completion {
    fn absent() -> Option<Self> {
        Some(Self::Keep)
    }

    fn from_value(value: Value, pointer: &str) -> Result<Self, Vec<InvalidField>> {
        Flag::from_value(value, pointer).map(|Flag(value)| Self::Set(value))
    }
}

impl Member for Title {
    fn from_value(value: Value, pointer: &str) -> Result<Self, Vec<InvalidField>> {
        text(value, pointer, |text| Self::parse(&text))
    }
}

impl Member for Description {
    fn from_value(value: Value, pointer: &str) -> Result<Self, Vec<InvalidField>> {
        text(value, pointer, Self::parse)
    }
}

impl Member for Due {
    fn from_value(value: Value, pointer: &str) -> Result<Self, Vec<InvalidField>> {
        text(value, pointer, |text| Self::parse(&text))
    }
}

impl Member for TimeZoneName {
    fn from_value(value: Value, pointer: &str) -> Result<Self, Vec<InvalidField>> {
        text(value, pointer, |text| Self::parse(&text))
    }
}

impl Member for Priority {
    fn absent() -> Option<Self> {
        Some(Self::default())
    }

    fn from_value(value: Value, pointer: &str) -> Result<Self, Vec<InvalidField>> {
        match value {
            Value::Null => Ok(Self::default()),
            value => text(value, pointer, |text| Self::parse(&text)),
        }
    }
}

impl Member for Tags {
    fn absent() -> Option<Self> {
        Some(Self::default())
    }

    fn from_value(value: Value, at: &str) -> Result<Self, Vec<InvalidField>> {
        match &value {
            Value::Null => return Ok(Self::default()),
            // Checked before the elements, of which there may be many thousands.
            Value::Array(items) if items.len() > TAGS_MAX => {
                return Err(wrong(at, InvalidTags::TooMany(items.len()).to_string()));
            }
            _ => {}
        }
        let texts: Vec<String> = Member::from_value(value, at)?;
        Self::parse(&texts).map_err(|error| match error {
            InvalidTags::Wrong(tags) => {
                let tags = tags.into_iter();
                tags.map(|(index, detail)| {
                    InvalidField::at(pointer(at, &index.to_string()), detail)
                })
                .collect()
            }
            InvalidTags::TooMany(_) => wrong(at, error.to_string()),
        })
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
