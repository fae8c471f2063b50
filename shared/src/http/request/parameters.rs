//! Query parameters, taken one by one, so that every wrong one is reported at once.

use axum::http::request::Parts;
use lambda_http::RequestExt;

use crate::domain::{Due, Priority, TimeZoneName};
use crate::http::invalid::InvalidField;

/// The parameters of a query, and what was wrong with those that were taken. Those that nobody takes
/// are ignored, as in the former backend.
#[derive(Debug)]
pub(super) struct Parameters {
    given: Vec<(String, String)>,
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
    pub(super) fn one<T: FromParameter>(&mut self, name: &str) -> Option<T> {
        let mut values = self.every(name);
        if values.len() > 1 {
            self.refuse(name, "must be given only once");
            return None;
        }
        values.pop()
    }

    /// A parameter that may be given several times.
    pub(super) fn every<T: FromParameter>(&mut self, name: &str) -> Vec<T> {
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

    /// Returns what was built, unless a parameter was wrong.
    pub(super) fn finish<T>(self, value: T) -> Result<T, Vec<InvalidField>> {
        if self.wrong.is_empty() {
            Ok(value)
        } else {
            Err(self.wrong)
        }
    }
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
        Self::parse(text).map_err(|error| error.to_string())
    }
}

impl FromParameter for TimeZoneName {
    fn from_parameter(text: &str) -> Result<Self, String> {
        Self::parse(text).map_err(|error| error.to_string())
    }
}

impl FromParameter for Priority {
    fn from_parameter(text: &str) -> Result<Self, String> {
        Self::parse(text).map_err(|error| error.to_string())
    }
}
