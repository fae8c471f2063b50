//! Where values come from: the environment, and for what is missing there Parameter Store.

use std::cell::Cell;
use std::collections::BTreeMap;
#[cfg(not(feature = "ssm"))]
use std::future::{Ready, ready};

use super::ConfigError;

/// `CONFIG_SSM_PATH`: where in AWS SSM Parameter Store to look for what the environment lacks, such as
/// `/todo-api/prod`: there `/todo-api/prod/DATABASE_URL` stands for the variable `DATABASE_URL`. The
/// environment wins. Unset, or with nothing missing, AWS is not asked.
///
/// A path that cannot be read, or has nothing under it, is an error even where every required variable is
/// set: what it would have said of `JWT_ISSUER`, say, must not be forgotten in silence.
const PATH: &str = "CONFIG_SSM_PATH";

/// Gives a variable's value, none where it is missing.
pub(super) type Lookup<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// What `read` makes of the environment and of Parameter Store.
pub(super) async fn load<T>(
    read: impl Fn(&Lookup<'_>) -> Result<T, ConfigError>,
) -> Result<T, ConfigError> {
    let Some(path) = environment(PATH).filter(|_| lacks_any(&read)) else {
        return read(&environment);
    };
    match fetch(&path).await {
        Ok(parameters) => read(&|name| environment(name).or_else(|| parameters.get(name).cloned())),
        Err(reason) => {
            let others = read(&environment)
                .err()
                .map(|error| error.0)
                .unwrap_or_default();
            Err(ConfigError(
                [vec![format!("{PATH}: {reason}")], others].concat(),
            ))
        }
    }
}

/// A variable's value, none where it is empty.
pub(super) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether the environment lacks any variable that `read` asks for, those that Lambda itself sets aside.
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
async fn fetch(path: &str) -> Result<BTreeMap<String, String>, super::ssm::FetchError> {
    super::ssm::fetch(path).await
}

#[cfg(not(feature = "ssm"))]
fn fetch(_: &str) -> Ready<Result<BTreeMap<String, String>, &'static str>> {
    ready(Err("this function was built without the feature `ssm`"))
}
