//! Query parameters, taken one by one, so that every wrong one is reported at once.

use std::collections::BTreeSet;
use std::fmt::Display;

use axum::http::request::Parts;
use lambda_http::RequestExt;
use strsim::osa_distance;

use crate::domain::{Due, Priority, TimeZoneName};
use crate::http::error::ApiError;
use crate::http::invalid::InvalidField;

/// The maximum number of unknown parameters that an error names: a query could have thousands.
const MAX_NAMED: usize = 20;

/// How many characters of an unknown parameter's name an error repeats.
const NAME_MAX_CHARS: usize = 64;

/// The parameters of a query, and what was wrong with those that were taken.
#[derive(Debug)]
pub(super) struct Parameters {
    given: Vec<(String, String)>,
    /// The names of those that the operation has.
    known: Vec<&'static str>,
    wrong: Vec<InvalidField>,
}

/// What can be the value of a parameter. The error completes "The parameter `name` ...".
pub(super) trait FromParameter: Sized {
    fn from_parameter(text: &str) -> Result<Self, String>;
}

impl Parameters {
    pub(super) fn of(parts: &Parts) -> Self {
        let query = parts.query_string_parameters_ref();
        let given = query.into_iter().flat_map(|query| query.iter());
        let given = given.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self {
            given: given.collect(),
            known: Vec::new(),
            wrong: Vec::new(),
        }
    }

    /// All of them, in the order of their names: `lambda_http` has them in a hash map.
    pub(super) fn sorted(&self) -> Vec<(String, String)> {
        let mut given = self.given.clone();
        given.sort_by(|(one, _), (other, _)| one.cmp(other));
        given
    }

    /// A parameter that may be given once.
    pub(super) fn one<T: FromParameter>(&mut self, name: &'static str) -> Option<T> {
        let mut values = self.every(name);
        if values.len() > 1 {
            self.refuse(name, "must be given only once");
            return None;
        }
        values.pop()
    }

    /// A parameter that may be given several times.
    pub(super) fn every<T: FromParameter>(&mut self, name: &'static str) -> Vec<T> {
        self.known.push(name);
        let given = self.given.iter().filter(|(given, _)| given == name);
        let parsed: Vec<Result<T, String>> =
            given.map(|(_, value)| T::from_parameter(value)).collect();
        let mut values = Vec::new();
        for result in parsed {
            match result {
                Ok(value) => values.push(value),
                Err(detail) => self.refuse(name, detail),
            }
        }
        values
    }

    pub(super) fn refuse(&mut self, name: &str, detail: impl Into<String>) {
        self.wrong.push(InvalidField::parameter(name, detail));
    }

    /// Returns what was built, unless a parameter was wrong or was not taken: a misspelt filter
    /// must not return everything.
    pub(super) fn finish<T>(mut self, value: T) -> Result<T, ApiError> {
        for name in self.unknown() {
            let detail = match nearest(&name, &self.known) {
                Some(nearest) => {
                    format!("is not a parameter of this operation; the nearest is `{nearest}`")
                }
                None => "is not a parameter of this operation, which has none".to_owned(),
            };
            self.refuse(&name, detail);
        }
        if self.wrong.is_empty() {
            Ok(value)
        } else {
            Err(ApiError::Invalid(self.wrong))
        }
    }

    /// The names of those that were not taken, as far as an error names them. Those that begin with
    /// `_` are ignored: HTTP clients add them to get past caches.
    fn unknown(&self) -> Vec<String> {
        let names = self.given.iter().map(|(name, _)| name.as_str());
        let unknown = names.filter(|name| !self.known.contains(name) && !name.starts_with('_'));
        let unknown: BTreeSet<&str> = unknown.collect();
        unknown.into_iter().take(MAX_NAMED).map(shortened).collect()
    }
}

fn shortened(name: &str) -> String {
    match name.char_indices().nth(NAME_MAX_CHARS) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

/// The known name that takes the fewest edits.
fn nearest(name: &str, known: &[&'static str]) -> Option<&'static str> {
    let name = name.to_lowercase();
    let edits = |known: &&&str| osa_distance(&name, known);
    known.iter().min_by_key(edits).copied()
}

/// Any text.
impl FromParameter for String {
    fn from_parameter(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }
}

impl FromParameter for bool {
    fn from_parameter(text: &str) -> Result<Self, String> {
        text.parse()
            .map_err(|_| "must be `true` or `false`".to_owned())
    }
}

impl FromParameter for Due {
    fn from_parameter(text: &str) -> Result<Self, String> {
        may_have_plus(text, Self::parse)
    }
}

impl FromParameter for TimeZoneName {
    fn from_parameter(text: &str) -> Result<Self, String> {
        may_have_plus(text, Self::parse)
    }
}

/// Parses a text in which `+` can occur. In a query, a `+` that is not encoded means a space.
fn may_have_plus<T, E: Display>(
    text: &str,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<T, String> {
    parse(text).map_err(|error| {
        if text.contains(' ') && parse(&text.replace(' ', "+")).is_ok() {
            "has a space where a `+` belongs: in a URL, write `+` as `%2B`".to_owned()
        } else {
            error.to_string()
        }
    })
}

impl FromParameter for Priority {
    fn from_parameter(text: &str) -> Result<Self, String> {
        Self::parse(text).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_nearest_name_takes_the_fewest_edits() {
        let known = [
            "status",
            "tag",
            "due_before",
            "due_after",
            "time_zone",
            "limit",
            "cursor",
        ];
        for (name, expected) in [
            ("stauts", "status"),
            ("STATUS", "status"),
            ("tag[]", "tag"),
            ("tags", "tag"),
            ("due-before", "due_before"),
            ("timezone", "time_zone"),
            ("limit ", "limit"),
            ("", "tag"),
        ] {
            assert_eq!(nearest(name, &known), Some(expected), "{name}");
        }
        assert_eq!(nearest("status", &[]), None);
    }
}
