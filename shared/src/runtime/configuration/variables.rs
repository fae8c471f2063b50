//! Reading variables, and collecting everything that is wrong with them.

use std::env;

use super::error::ConfigError;

/// Returns a variable's value; `None` if it is missing.
pub(super) type Lookup<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// A variable of the environment; `None` if it is empty.
pub(super) fn environment(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Variables, and what was wrong with those that have been read.
pub(super) struct Variables<'a> {
    lookup: &'a Lookup<'a>,
    wrong: Vec<String>,
}

impl<'a> Variables<'a> {
    pub(super) fn new(lookup: &'a Lookup<'a>) -> Self {
        Self {
            lookup,
            wrong: Vec::new(),
        }
    }

    pub(super) fn value(&self, name: &str) -> Option<String> {
        (self.lookup)(name).filter(|value| !value.is_empty())
    }

    pub(super) fn required<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        if self.value(name).is_none() {
            self.refuse(format!("{name} is missing"));
        }
        self.optional(name, None, |value| parse(value).map(Some))
    }

    /// Also returns the default if the variable is wrong, so that reading goes on.
    pub(super) fn optional<T>(
        &mut self,
        name: &str,
        default: T,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> T {
        match self.value(name).map(|value| parse(&value)) {
            None => default,
            Some(Ok(value)) => value,
            Some(Err(reason)) => {
                self.refuse(format!("{name} {reason}"));
                default
            }
        }
    }

    pub(super) fn refuse(&mut self, reason: String) {
        self.wrong.push(reason);
    }

    /// Returns what was built, unless a variable was wrong.
    pub(super) fn finish<T>(self, built: Option<T>) -> Result<T, ConfigError> {
        match built {
            Some(built) if self.wrong.is_empty() => Ok(built),
            _ => Err(ConfigError(self.wrong)),
        }
    }
}
