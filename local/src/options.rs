//! How to run the API.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::template::Template;

/// How long API Gateway waits for a function.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>
const INTEGRATION_TIMEOUT: Duration = Duration::from_secs(30);

/// How to start a server.
pub struct ServerOptions {
    /// Functions, routes and CORS.
    pub template: Template,
    /// The directory of the functions' binaries, as an absolute path.
    pub binaries: PathBuf,
    /// Environment variables for all functions, which override the template's.
    pub environment: BTreeMap<String, String>,
    /// The most environments that one function may have (its reserved concurrency). Beyond that,
    /// it is throttled.
    pub max_environments: usize,
    /// How long API Gateway waits for a function: 30 s there.
    pub integration_timeout: Duration,
    /// Paths that are not routes, and where a browser is sent from them (`GET`); for people, not
    /// part of the API.
    pub redirects: BTreeMap<String, String>,
    /// Where the functions' log lines go.
    pub log: LogSink,
}

impl ServerOptions {
    /// At most 100 environments for each function, and no log.
    #[must_use]
    pub fn new(template: Template, binaries: impl Into<PathBuf>) -> Self {
        Self {
            template,
            binaries: binaries.into(),
            environment: BTreeMap::new(),
            max_environments: 100,
            integration_timeout: INTEGRATION_TIMEOUT,
            redirects: BTreeMap::new(),
            log: Arc::new(|_| {}),
        }
    }

    /// Logs a line about a function.
    pub(crate) fn log(&self, function: &str, text: String) {
        let function = function.to_owned();
        (self.log)(LogLine { function, text });
    }
}

/// A line of a function's log, written by the function or by Lambda.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LogLine {
    /// The name of the function's binary.
    pub function: String,
    /// The line, without the line break.
    pub text: String,
}

/// Takes log lines. It must not block.
pub type LogSink = Arc<dyn Fn(LogLine) + Send + Sync>;
