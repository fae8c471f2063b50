//! The fields of a JSON object: taken one by one, so that every wrong one is told at once.

use super::InvalidField;
use super::invalid::pointer;
use super::json;
use super::value::{Object, Value};

/// The most unknown fields that an error names: a body could hold tens of thousands.
const MAX_NAMED: usize = 100;

/// The most characters of an unknown field's name that an error repeats.
const NAME_MAX_CHARS: usize = 64;

/// What can be read from the fields of an object.
pub trait FromFields: Sized {
    /// The most bytes of a body that is read so.
    const MAX_BYTES: usize = json::MAX_BYTES;

    /// Takes the fields it needs; the rest is refused.
    fn from_fields(fields: Fields) -> Result<Self, Vec<InvalidField>>;
}

/// A type that a field can have.
pub trait Field: Sized {
    /// Reads the value that is at `pointer` (RFC 6901); each error completes "`pointer` ...".
    fn from_value(value: Value, pointer: &str) -> Result<Self, Vec<InvalidField>>;
}

/// The fields that were not taken yet, and what was wrong with those that were.
#[derive(Debug)]
pub struct Fields {
    /// The JSON Pointer to the object.
    pointer: String,
    left: Object,
    wrong: Vec<InvalidField>,
}

impl Fields {
    /// The fields of the object that is at `pointer`.
    pub(super) fn of(object: Object, pointer: &str) -> Self {
        Self {
            pointer: pointer.to_owned(),
            left: object,
            wrong: Vec::new(),
        }
    }

    /// Takes a field that must be there.
    pub fn required<T: Field>(&mut self, name: &str) -> Option<T> {
        let value = self.optional(name);
        if let Some(None) = value {
            self.refuse(name, "is required");
        }
        value.flatten()
    }

    /// Takes a field that may be absent: `None` when it is wrong, `Some(None)` when it is absent.
    pub fn optional<T: Field>(&mut self, name: &str) -> Option<Option<T>> {
        let Some(value) = self.take(name) else {
            return Some(None);
        };
        match T::from_value(value, &pointer(&self.pointer, name)) {
            Ok(value) => Some(Some(value)),
            Err(wrong) => {
                self.wrong.extend(wrong);
                None
            }
        }
    }

    /// Takes a field that may be absent, and then has its default value: `None` when it is wrong.
    pub fn or_default<T: Field + Default>(&mut self, name: &str) -> Option<T> {
        self.optional(name).map(Option::unwrap_or_default)
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        let index = self.left.iter().position(|(field, _)| field == name)?;
        let (_, value) = self.left.remove(index);
        if self.left.iter().any(|(field, _)| field == name) {
            self.left.retain(|(field, _)| field != name);
            self.refuse(name, "must be given only once");
        }
        Some(value)
    }

    fn refuse(&mut self, name: &str, detail: impl Into<String>) {
        self.wrong
            .push(InvalidField::at(pointer(&self.pointer, name), detail));
    }

    /// Passes over fields that are known, but not for this request.
    pub fn ignore(&mut self, names: &[&str]) {
        self.left
            .retain(|(field, _)| !names.contains(&field.as_str()));
    }

    /// Builds the value, unless a field was wrong or is none that a `what` has.
    pub fn finish<T>(
        mut self,
        what: &str,
        build: impl FnOnce() -> Option<T>,
    ) -> Result<T, Vec<InvalidField>> {
        let mut unknown: Vec<String> = self.left.drain(..).map(|(name, _)| name).collect();
        unknown.sort_unstable();
        unknown.dedup();
        for name in unknown.iter().take(MAX_NAMED) {
            let end = name.char_indices().nth(NAME_MAX_CHARS).map(|(end, _)| end);
            let name = end.map_or_else(|| name.clone(), |end| format!("{}…", &name[..end]));
            self.refuse(&name, format!("is no field of {what}"));
        }
        match build() {
            Some(value) if self.wrong.is_empty() => Ok(value),
            _ => Err(self.wrong),
        }
    }
}
