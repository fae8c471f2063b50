//! Query parameters: taken one by one, so that every wrong one is told at once.

use axum::http::request::Parts;
use lambda_http::RequestExt;

use super::InvalidField;
use crate::task::{Due, Priority, TimeZoneName};

/// The parameters of a query, and what was wrong with those that were taken. Those that nobody takes are ignored, as
/// the former backend did.
#[derive(Debug)]
pub(super) struct Parameters {
    pub(super) given: Vec<(String, String)>,
    wrong: Vec<InvalidField>,
}

/// A type that a parameter can have; the error completes "The parameter `name` ...".
pub(super) trait Parameter: Sized {
    fn parse(text: &str) -> Result<Self, String>;
}

impl Parameters {
    pub(super) fn of(parts: &Parts) -> Self {
        let query = parts.query_string_parameters_ref();
        let given = query.into_iter().flat_map(|query| query.iter());
        let given = given
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Self {
            given,
            wrong: Vec::new(),
        }
    }

    /// A parameter that may be given once.
    pub(super) fn one<T: Parameter>(&mut self, name: &str) -> Option<T> {
        let mut values = self.every(name);
        if values.len() > 1 {
            self.refuse(name, "must be given only once");
            return None;
        }
        values.pop()
    }

    /// A parameter that may be given several times.
    pub(super) fn every<T: Parameter>(&mut self, name: &str) -> Vec<T> {
        let given = self.given.iter().filter(|(given, _)| given == name);
        let parsed: Vec<Result<T, String>> = given.map(|(_, value)| T::parse(value)).collect();
        let (mut values, mut details) = (Vec::new(), Vec::new());
        for result in parsed {
            match result {
                Ok(value) => values.push(value),
                Err(detail) => details.push(detail),
            }
        }
        for detail in details {
            self.refuse(name, detail);
        }
        values
    }

    pub(super) fn refuse(&mut self, name: &str, detail: impl Into<String>) {
        self.wrong.push(InvalidField::parameter(name, detail));
    }

    /// Ends with what was built, unless a parameter was wrong.
    pub(super) fn finish<T>(self, value: T) -> Result<T, Vec<InvalidField>> {
        if self.wrong.is_empty() {
            Ok(value)
        } else {
            Err(self.wrong)
        }
    }
}

impl Parameter for bool {
    fn parse(text: &str) -> Result<Self, String> {
        text.parse()
            .map_err(|_| "must be `true` or `false`".to_owned())
    }
}

impl Parameter for Due {
    fn parse(text: &str) -> Result<Self, String> {
        Self::parse(text).map_err(|error| error.to_string())
    }
}

impl Parameter for TimeZoneName {
    fn parse(text: &str) -> Result<Self, String> {
        Self::parse(text).map_err(|error| error.to_string())
    }
}

impl Parameter for Priority {
    fn parse(text: &str) -> Result<Self, String> {
        Self::parse(text).map_err(|error| error.to_string())
    }
}
