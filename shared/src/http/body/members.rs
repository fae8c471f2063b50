//! The members of a JSON object, taken one by one, so that every wrong one is reported at once.

use super::surrogates;
use super::value::{Object, Value};
use crate::http::invalid::{InvalidField, pointer};

/// The maximum number of unknown members that an error names: a body could have tens of thousands.
const MAX_NAMED: usize = 100;

/// How many characters of an unknown member's name an error repeats.
const NAME_MAX_CHARS: usize = 64;

/// The maximum size of a body with one task, in bytes. A task at its limits, with every character
/// written as a JSON escape (12 bytes), has about 120 KiB.
const TASK_MAX_BYTES: usize = 256 * 1024;

/// What can be read from the members of an object.
pub trait FromMembers: Sized {
    /// The maximum size of a body from which it is read, in bytes.
    const MAX_BYTES: usize = TASK_MAX_BYTES;

    /// Takes the members that it knows. All others are refused.
    fn from_members(members: Members) -> Result<Self, Vec<InvalidField>>;
}

/// What can be the value of a member.
pub trait Member: Sized {
    /// The value if there is no such member; `None` if the member is required.
    #[must_use]
    fn absent() -> Option<Self> {
        None
    }

    /// Reads the value at `pointer` (RFC 6901). Each error completes "`pointer` ...".
    fn from_value(value: Value, pointer: &str) -> Result<Self, Vec<InvalidField>>;
}

/// The members that have not been taken yet, and what was wrong with those that have.
#[derive(Debug)]
pub struct Members {
    /// The JSON Pointer to the object.
    pointer: String,
    left: Object,
    wrong: Vec<InvalidField>,
}

impl Members {
    /// The members of the object at `pointer`.
    pub(super) fn of(object: Object, pointer: &str) -> Self {
        Self {
            pointer: pointer.to_owned(),
            left: object,
            wrong: Vec::new(),
        }
    }

    /// Takes a member; `None` if it is wrong, or required and absent.
    pub fn take<T: Member>(&mut self, name: &str) -> Option<T> {
        let Some(value) = self.remove(name) else {
            let absent = T::absent();
            if absent.is_none() {
                self.refuse(name, "is required");
            }
            return absent;
        };
        let value = T::from_value(value, &pointer(&self.pointer, name));
        value.map_err(|wrong| self.wrong.extend(wrong)).ok()
    }

    fn remove(&mut self, name: &str) -> Option<Value> {
        let index = self.left.iter().position(|(member, _)| member == name)?;
        let (_, value) = self.left.remove(index);
        if self.left.iter().any(|(member, _)| member == name) {
            self.left.retain(|(member, _)| member != name);
            self.refuse(name, "must be given only once");
        }
        Some(value)
    }

    fn refuse(&mut self, name: &str, detail: impl Into<String>) {
        let pointer = pointer(&self.pointer, name);
        self.wrong.push(InvalidField::at(pointer, detail));
    }

    /// Skips members that are known but have no meaning in this request, as long as they are JSON.
    pub fn ignore(&mut self, names: &[&str]) {
        let is_ignored = |(member, _): &mut (String, Value)| names.contains(&member.as_str());
        let ignored: Vec<_> = self.left.extract_if(.., is_ignored).collect();
        for (name, value) in ignored {
            if surrogates::are_in(&value) {
                self.refuse(&name, surrogates::UNPAIRED);
            }
        }
    }

    /// Builds the value, unless a member was wrong or does not belong to `what`.
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
            self.refuse(&name, format!("is not a field of {what}"));
        }
        match build() {
            Some(value) if self.wrong.is_empty() => Ok(value),
            _ => Err(self.wrong),
        }
    }
}

/// A member that is optional, but must not be `null`.
pub(super) struct Given<T>(pub(super) Option<T>);

impl<T: Member> Member for Given<T> {
    fn absent() -> Option<Self> {
        Some(Self(None))
    }

    fn from_value(value: Value, pointer: &str) -> Result<Self, Vec<InvalidField>> {
        T::from_value(value, pointer).map(|value| Self(Some(value)))
    }
}

/// `null` is no value. In a change, it removes the value that is there (RFC 7396).
impl<T: Member> Member for Option<T> {
    fn absent() -> Option<Self> {
        Some(None)
    }

    fn from_value(value: Value, pointer: &str) -> Result<Self, Vec<InvalidField>> {
        match value {
            Value::Null => Ok(None),
            value => T::from_value(value, pointer).map(Some),
        }
    }
}

impl<T: Member> Member for Vec<T> {
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

/// Absent, or `null`, is `false`.
impl Member for bool {
    fn absent() -> Option<Self> {
        Some(false)
    }

    fn from_value(value: Value, pointer: &str) -> Result<Self, Vec<InvalidField>> {
        match value {
            Value::Null => Ok(false),
            value => Flag::from_value(value, pointer).map(|Flag(value)| value),
        }
    }
}

/// `true` or `false`, where `null` would be ambiguous: it could mean `false`, or no change.
pub(super) struct Flag(pub(super) bool);

impl Member for Flag {
    fn from_value(value: Value, pointer: &str) -> Result<Self, Vec<InvalidField>> {
        match value {
            Value::Bool(value) => Ok(Self(value)),
            value => {
                let detail = format!("must be true or false, not {}", value.kind());
                Err(wrong(pointer, detail))
            }
        }
    }
}

impl Member for String {
    fn from_value(value: Value, pointer: &str) -> Result<Self, Vec<InvalidField>> {
        match value {
            Value::String(text) if surrogates::is_marked(&text) => {
                Err(wrong(pointer, surrogates::UNPAIRED))
            }
            Value::String(text) => Ok(text),
            value => {
                let detail = format!("must be a string, not {}", value.kind());
                Err(wrong(pointer, detail))
            }
        }
    }
}

/// One wrong field.
pub(super) fn wrong(pointer: &str, detail: impl Into<String>) -> Vec<InvalidField> {
    vec![InvalidField::at(pointer, detail)]
}
