//! `template.yaml` (AWS SAM), as far as a request's way to a function depends on it: functions, routes
//! and CORS.

mod model;
mod parameters;
#[cfg(test)]
mod tests;
mod yaml;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What `template.yaml` deploys.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Template {
    /// The functions, by their logical ids in alphabetical order.
    pub functions: Vec<Function>,
    /// The routes of the HTTP API, by function.
    pub routes: Vec<Route>,
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
    /// Its environment variables, those of `Globals` included. A variable whose value refers to
    /// something without a value here (a parameter that was not given, a resource) is not among them.
    pub environment: BTreeMap<String, String>,
}

/// An event of type `HttpApi`.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Route {
    /// The method in capitals, or `ANY`. `$default` routes have `ANY` too.
    pub method: String,
    /// The path with its variables, such as `/api/v1/{user_id}/tasks`, or `$default`.
    pub path: String,
    /// The binary of the function that the route leads to.
    pub function: String,
}

impl Route {
    /// The key of the route as API Gateway writes it: `GET /health`, or `$default`.
    #[must_use]
    pub fn key(&self) -> String {
        if self.path == DEFAULT_ROUTE {
            self.path.clone()
        } else {
            format!("{} {}", self.method, self.path)
        }
    }
}

/// The path of the route that takes what no other route does.
pub(crate) const DEFAULT_ROUTE: &str = "$default";

/// `CorsConfiguration` of the HTTP API.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Cors {
    /// Origins that may call the API; `*` allows all, `https://*` all with that scheme.
    pub allow_origins: Vec<String>,
    /// Methods that they may use.
    pub allow_methods: Vec<String>,
    /// Headers that they may send.
    pub allow_headers: Vec<String>,
    /// Headers of answers that their scripts may read.
    pub expose_headers: Vec<String>,
    /// How many seconds a browser may remember the answer to a preflight request.
    pub max_age: Option<u32>,
    /// Whether browsers may send cookies along.
    pub allow_credentials: bool,
}

/// Why a template could not be read.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The file cannot be read.
    #[error("{}: {source}", file.display())]
    Read {
        /// The template.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is no YAML.
    #[error("{} is not valid YAML: {reason}", file.display())]
    Yaml {
        /// The template.
        file: PathBuf,
        /// What is wrong, and where.
        reason: String,
    },
    /// Something that is needed is missing or wrong.
    #[error("{}: {place}: {reason}", file.display())]
    Invalid {
        /// The template.
        file: PathBuf,
        /// Where, such as `Resources.CreateTask`.
        place: String,
        /// What is wrong there.
        reason: String,
    },
}

impl Template {
    /// Reads a template. `parameters` replaces the defaults of its parameters; a name that it does not
    /// declare is an error.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, is no YAML or lacks something; the message names the file and place.
    pub fn read(file: &Path, parameters: &BTreeMap<String, String>) -> Result<Self, TemplateError> {
        let text = std::fs::read_to_string(file).map_err(|source| TemplateError::Read {
            file: file.to_owned(),
            source,
        })?;
        Self::parse(file, &text, parameters)
    }

    /// The names of the parameters that a template declares.
    ///
    /// # Errors
    ///
    /// As for [`Template::read`].
    pub fn parameters(file: &Path) -> Result<Vec<String>, TemplateError> {
        let text = std::fs::read_to_string(file).map_err(|source| TemplateError::Read {
            file: file.to_owned(),
            source,
        })?;
        let value = yaml::parse(&text).map_err(|reason| TemplateError::Yaml {
            file: file.to_owned(),
            reason,
        })?;
        let declared = value
            .get("Parameters")
            .and_then(|parameters| parameters.as_object());
        Ok(declared
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect())
    }

    /// Reads the text of a template; `file` is for messages only.
    ///
    /// # Errors
    ///
    /// As for [`Template::read`].
    pub fn parse(
        file: &Path,
        text: &str,
        given: &BTreeMap<String, String>,
    ) -> Result<Self, TemplateError> {
        let value = yaml::parse(text).map_err(|reason| TemplateError::Yaml {
            file: file.to_owned(),
            reason,
        })?;
        model::template(value, given).map_err(|wrong| TemplateError::Invalid {
            file: file.to_owned(),
            place: wrong.place,
            reason: wrong.reason,
        })
    }

    /// The function that runs `binary`.
    #[must_use]
    pub fn function(&self, binary: &str) -> Option<&Function> {
        self.functions
            .iter()
            .find(|function| function.binary == binary)
    }
}
