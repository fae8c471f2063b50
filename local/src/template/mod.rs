//! `template.yaml` (AWS SAM), as far as requests depend on it: functions, routes, schedules, CORS.
//!
//! Only what the project's template uses is modelled. Everything else is an error that names the
//! place, so that nothing works here and fails when it is deployed.

mod model;
mod parameters;
mod sections;
#[cfg(test)]
mod tests;
mod yaml;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Deserialize;

/// What `template.yaml` deploys.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Template {
    /// The functions, by their logical ids in alphabetical order.
    pub functions: Vec<Function>,
    /// The routes of the HTTP API, by function.
    pub routes: Vec<Route>,
    /// The schedules, by function.
    pub schedules: Vec<Schedule>,
    /// The CORS configuration of the HTTP API, if it has one.
    pub cors: Option<Cors>,
}

/// An `AWS::Serverless::Function`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Function {
    /// The name of the resource, such as `CreateTask`.
    pub logical_id: String,
    /// The binary that it runs (`Metadata.BuildProperties.Binary`), such as `create-task`.
    pub binary: String,
    /// How long one invocation may take; Lambda's own default is 3 s.
    pub timeout: Duration,
    /// Its memory in MB; Lambda's own default is 128.
    pub memory_size: u32,
    /// Its environment variables, including those of `Globals`.
    pub environment: BTreeMap<String, String>,
}

/// An event of type `HttpApi`.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Route {
    /// The method, in capitals; empty for the default route.
    pub method: String,
    /// The path with its variables, such as `/api/v1/{user_id}/tasks`, or [`Route::DEFAULT`].
    pub path: String,
    /// The binary of the function that the route leads to.
    pub function: String,
}

impl Route {
    /// The path of the route that takes every request for which there is no other.
    pub const DEFAULT: &str = "$default";

    /// Whether it takes every request for which there is no other route.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.path == Self::DEFAULT
    }

    /// The key of the route as API Gateway writes it: `GET /health`, or `$default`.
    #[must_use]
    pub fn key(&self) -> String {
        let key = format!("{} {}", self.method, self.path);
        key.trim_start().to_owned()
    }
}

/// An event of type `Schedule`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Schedule {
    /// The binary of the function that it invokes.
    pub function: String,
    /// How often it does.
    pub interval: Duration,
}

/// `CorsConfiguration` of the HTTP API.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub struct Cors {
    /// Origins that may call the API. Wildcards are refused.
    pub allow_origins: Vec<String>,
    /// Methods that they may use.
    pub allow_methods: Vec<String>,
    /// Headers that they may send.
    pub allow_headers: Vec<String>,
    /// Response headers that their scripts may read.
    pub expose_headers: Vec<String>,
    /// How many seconds a browser may cache the response to a preflight request.
    pub max_age: Option<u32>,
}

impl Template {
    /// Reads a template. `given` has the last word on a parameter's value.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, is not YAML, is incomplete or has something that is not
    /// modelled. The message names the file and the place.
    pub fn read(file: &Path, given: impl Fn(&str) -> Option<String>) -> Result<Self> {
        fs::read_to_string(file)
            .map_err(Into::into)
            .and_then(|text| Self::parse(&text, given))
            .with_context(|| file.display().to_string())
    }

    /// Parses the text of a template.
    ///
    /// # Errors
    ///
    /// As for [`Template::read`].
    pub fn parse(text: &str, given: impl Fn(&str) -> Option<String>) -> Result<Self> {
        model::template(yaml::parse(text).context("it is not valid YAML")?, given)
    }

    /// The function that runs `binary`.
    #[must_use]
    pub fn function(&self, binary: &str) -> Option<&Function> {
        let mut functions = self.functions.iter();
        functions.find(|function| function.binary == binary)
    }
}
