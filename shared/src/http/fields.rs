//! The fields of a body: taken one by one, so that every wrong one is told at once.

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::object::Object;
use crate::task::{Completion, Description, InvalidText, NewTask, TaskChanges, Title};

/// Fields that the service sets. A client that sends back what it got has them in its body: they are
/// ignored (AIP-203).
const OUTPUT_ONLY: [&str; 4] = ["id", "user_id", "created_at", "updated_at"];

/// The most unknown fields that an error names: a body could hold tens of thousands.
const MAX_NAMED: usize = 100;

/// A field of the body, or a parameter of the query, that is wrong.
#[derive(Debug, Eq, PartialEq, Serialize)]
pub struct InvalidField {
    #[serde(flatten)]
    place: Place,
    detail: String,
}

#[derive(Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Place {
    /// A JSON Pointer into the body (RFC 6901).
    Pointer(String),
    Parameter(String),
}

impl InvalidField {
    fn field(name: &str, detail: impl Into<String>) -> Self {
        let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
        Self { place: Place::Pointer(pointer), detail: detail.into() }
    }

    /// A parameter of the query.
    pub(crate) fn parameter(name: &str, detail: impl Into<String>) -> Self {
        Self { place: Place::Parameter(name.to_owned()), detail: detail.into() }
    }

    /// All of them in one sentence.
    pub(crate) fn summary(fields: &[Self]) -> String {
        let of = |field: &Self| match &field.place {
            Place::Pointer(pointer) => format!("`{}` {}", unescaped(pointer), field.detail),
            Place::Parameter(name) => format!("The parameter `{name}` {}", field.detail),
        };
        format!("{}.", fields.iter().map(of).collect::<Vec<_>>().join("; "))
    }
}

/// The name of the field that a JSON Pointer leads to.
fn unescaped(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace("~1", "/").replace("~0", "~")
}

/// What can be read from the fields of a body.
pub trait FromFields: Sized {
    /// Takes the fields it needs; the rest is refused.
    fn from_fields(fields: Fields) -> Result<Self, Vec<InvalidField>>;
}

/// A type that a field can have; the error completes "`name` ...".
pub trait Field: Sized {
    /// Reads the field's value.
    fn from_value(value: Value) -> Result<Self, String>;
}

/// The fields that were not taken yet, and what was wrong with those that were.
#[derive(Debug)]
pub struct Fields {
    left: Vec<(String, Value)>,
    wrong: Vec<InvalidField>,
}

impl Fields {
    pub(super) fn of(object: Object) -> Self {
        Self { left: object.0, wrong: Vec::new() }
    }

    /// Takes a field that must be there.
    pub fn required<T: Field>(&mut self, name: &str) -> Option<T> {
        let value = self.optional(name);
        if let Some(None) = value {
            self.wrong.push(InvalidField::field(name, "is required"));
        }
        value.flatten()
    }

    /// Takes a field that may be absent: `None` when it is wrong, `Some(None)` when it is absent.
    pub fn optional<T: Field>(&mut self, name: &str) -> Option<Option<T>> {
        let Some(value) = self.take(name) else { return Some(None) };
        match T::from_value(value) {
            Ok(value) => Some(Some(value)),
            Err(detail) => {
                self.wrong.push(InvalidField::field(name, detail));
                None
            }
        }
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        let position = self.left.iter().position(|(field, _)| field == name)?;
        let (_, value) = self.left.remove(position);
        if self.left.iter().any(|(field, _)| field == name) {
            self.left.retain(|(field, _)| field != name);
            self.wrong.push(InvalidField::field(name, "must be given only once"));
        }
        Some(value)
    }

    /// Passes over a field that tasks have, but that is not for this request.
    pub fn ignore(&mut self, name: &str) {
        self.left.retain(|(field, _)| field != name);
    }

    /// Builds the value, unless a field was wrong or is none that a task has.
    pub fn finish<T>(mut self, build: impl FnOnce() -> Option<T>) -> Result<T, Vec<InvalidField>> {
        let mut unknown: Vec<String> = self.left.into_iter().map(|(name, _)| name).collect();
        unknown.retain(|name| !OUTPUT_ONLY.contains(&name.as_str()));
        unknown.sort_unstable();
        unknown.dedup();
        let named =
            unknown.iter().take(MAX_NAMED).map(|name| InvalidField::field(name, "is no field of a task"));
        self.wrong.extend(named);
        match build() {
            Some(value) if self.wrong.is_empty() => Ok(value),
            _ => Err(self.wrong),
        }
    }
}

impl FromFields for NewTask {
    fn from_fields(mut fields: Fields) -> Result<Self, Vec<InvalidField>> {
        let title = fields.required("title");
        let description = fields.optional::<Option<Description>>("description");
        let completed = fields.optional("completed");
        fields.finish(|| {
            Some(Self {
                id: Uuid::now_v7(),
                title: title?,
                description: description?.flatten(),
                completed: completed?.unwrap_or(false),
            })
        })
    }
}

impl FromFields for TaskChanges {
    fn from_fields(mut fields: Fields) -> Result<Self, Vec<InvalidField>> {
        let title = fields.optional("title");
        let description = fields.optional("description");
        let completed = fields.optional("completed");
        fields.finish(|| Some(Self { title: title?, description: description?, completed: completed? }))
    }
}

impl FromFields for Completion {
    fn from_fields(mut fields: Fields) -> Result<Self, Vec<InvalidField>> {
        let completed = fields.required("completed");
        for other in ["title", "description"] {
            fields.ignore(other);
        }
        fields.finish(|| Some(Self { completed: completed? }))
    }
}

impl Field for Title {
    fn from_value(value: Value) -> Result<Self, String> {
        let text = string(value)?;
        Self::parse(&text).map_err(|error: InvalidText| error.to_string())
    }
}

impl Field for Option<Description> {
    fn from_value(value: Value) -> Result<Self, String> {
        match value {
            Value::Null => Ok(None),
            value => Description::parse(string(value)?).map(Some).map_err(|error| error.to_string()),
        }
    }
}

impl Field for bool {
    fn from_value(value: Value) -> Result<Self, String> {
        value.as_bool().ok_or_else(|| format!("must be true or false, not {}", kind(&value)))
    }
}

fn string(value: Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text),
        value => Err(format!("must be a string, not {}", kind(&value))),
    }
}

/// The JSON type of a value, as a sentence names it.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
