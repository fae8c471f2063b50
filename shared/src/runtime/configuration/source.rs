//! Where values come from: the environment, and Parameter Store for what is missing there.

use std::cell::Cell;
use std::collections::BTreeMap;
#[cfg(not(feature = "ssm"))]
use std::future::{Ready, ready};

use super::error::ConfigError;
use super::variables::{Lookup, environment};

/// `CONFIG_SSM_PATH`: where in AWS SSM Parameter Store to look for what the environment lacks. With
/// `/todo-api/prod`, the parameter `/todo-api/prod/DATABASE_URL` stands for the variable
/// `DATABASE_URL`. The environment takes precedence. If the path is unset or nothing is missing,
/// AWS is not asked.
///
/// A path that cannot be read, or has nothing under it, is an error even if every required variable
/// is set: it might have said what `JWT_ISSUER` is, for instance, and nobody would notice.
const PATH: &str = "CONFIG_SSM_PATH";

/// What `read` makes of the environment and Parameter Store.
pub(super) async fn load<T>(
    read: impl Fn(&Lookup<'_>) -> Result<T, ConfigError>,
) -> Result<T, ConfigError> {
    let Some(path) = environment(PATH).filter(|_| lacks_any(&read)) else {
        return read(&environment);
    };
    match fetch(&path).await {
        Ok(parameters) => read(&|name| environment(name).or_else(|| parameters.get(name).cloned())),
        Err(reason) => {
            let others = read(&environment).err().map(|error| error.0);
            let first = vec![format!("{PATH}: {reason}")];
            Err(ConfigError([first, others.unwrap_or_default()].concat()))
        }
    }
}

/// Whether the environment lacks any variable that `read` asks for, ignoring those that Lambda
/// sets.
fn lacks_any<T>(read: impl Fn(&Lookup<'_>) -> Result<T, ConfigError>) -> bool {
    let lacking = Cell::new(false);
    let _ = read(&|name| {
        let value = environment(name);
        if value.is_none() && !name.starts_with("AWS_") {
            lacking.set(true);
        }
        value
    });
    lacking.get()
}

#[cfg(feature = "ssm")]
async fn fetch(path: &str) -> Result<BTreeMap<String, String>, super::parameter_store::FetchError> {
    super::parameter_store::fetch(path).await
}

#[cfg(not(feature = "ssm"))]
fn fetch(_: &str) -> Ready<Result<BTreeMap<String, String>, &'static str>> {
    ready(Err("this function was built without the feature `ssm`"))
}
