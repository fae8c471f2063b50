//! The configuration of a function.

use super::error::ConfigError;
use super::source;
use super::tokens::TokenConfig;
use super::values::{self, Stage};
use super::variables::{Lookup, Variables};
use crate::domain::Quota;
use crate::store::Retention;

/// The configuration of a function.
#[derive(Debug)]
pub struct Config {
    /// `APP_ENV`: `development` (the default), or `production`, which refuses what is fit only for
    /// a laptop.
    pub stage: Stage,
    /// `DATABASE_URL`: where the tasks are, as a `postgres://` address. With Neon, the pooled one.
    pub database: tokio_postgres::Config,
    /// How tokens are verified.
    pub tokens: TokenConfig,
    /// `AWS_LAMBDA_MAX_CONCURRENCY`: how many requests one execution environment serves at once, 1
    /// by default. Lambda sets it on Managed Instances.
    pub max_concurrency: usize,
    /// `USER_MAX_CONCURRENCY`: how many requests of one user the database serves at once, 4 by default.
    /// Others wait, and are refused after 3 s. It should be a small part of the connections that a
    /// pooler has to the server.
    pub user_max_concurrency: i32,
    /// `USER_MAX_TASKS`, 10,000 by default, and `USER_MAX_TEXT_BYTES`, 4 MiB by default: how much
    /// one user may have.
    pub quota: Quota,
}

impl Config {
    /// Reads the process's environment. If `CONFIG_SSM_PATH` is set, reads what is missing there
    /// from AWS SSM Parameter Store, within 5 s.
    pub async fn load() -> Result<Self, ConfigError> {
        source::load(Self::read).await
    }

    /// Reads the variables that `lookup` returns. An empty one counts as missing.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        Self::read(&lookup)
    }

    fn read(lookup: &Lookup<'_>) -> Result<Self, ConfigError> {
        let mut variables = Variables::new(lookup);
        let stage = variables.optional("APP_ENV", Stage::default(), values::stage);
        let database = variables.required("DATABASE_URL", |url| values::database(url, stage));
        let tokens = TokenConfig::read(&mut variables, stage);
        let max_concurrency =
            variables.optional("AWS_LAMBDA_MAX_CONCURRENCY", 1, values::concurrency);
        let user_max_concurrency =
            variables.optional("USER_MAX_CONCURRENCY", 4, values::user_concurrency);
        let Quota { tasks, text_bytes } = Quota::default();
        let quota = Quota {
            tasks: variables.optional("USER_MAX_TASKS", tasks, values::amount),
            text_bytes: variables.optional("USER_MAX_TEXT_BYTES", text_bytes, values::amount),
        };
        variables.finish(database.map(|database| Self {
            stage,
            database,
            tokens,
            max_concurrency,
            user_max_concurrency,
            quota,
        }))
    }
}

/// What the purge needs: the database, and for how many days what was deleted is kept: `TRASH_DAYS`,
/// 30 by default, and `DELETION_DAYS`, 180 by default. The variables come from the same places as
/// those of [`Config::load`].
pub async fn purge() -> Result<(tokio_postgres::Config, Retention), ConfigError> {
    source::load(read_purge).await
}

fn read_purge(lookup: &Lookup<'_>) -> Result<(tokio_postgres::Config, Retention), ConfigError> {
    let mut variables = Variables::new(lookup);
    let Retention {
        trash_days,
        deletion_days,
    } = Retention::default();
    let retention = Retention {
        trash_days: variables.optional("TRASH_DAYS", trash_days, values::days),
        deletion_days: variables.optional("DELETION_DAYS", deletion_days, values::days),
    };
    let database = read_database(variables, "DATABASE_URL")?;
    Ok((database, retention))
}

/// The direct connection for migrations: `DATABASE_URL_UNPOOLED`, else `DATABASE_URL`. A migration
/// needs no other variable. The variables come from the same places as those of [`Config::load`].
pub async fn migration_database() -> Result<tokio_postgres::Config, ConfigError> {
    source::load(read_migration_database).await
}

fn read_migration_database(lookup: &Lookup<'_>) -> Result<tokio_postgres::Config, ConfigError> {
    let variables = Variables::new(lookup);
    let name = match variables.value("DATABASE_URL_UNPOOLED") {
        Some(_) => "DATABASE_URL_UNPOOLED",
        None => "DATABASE_URL",
    };
    read_database(variables, name)
}

fn read_database(
    mut variables: Variables<'_>,
    name: &'static str,
) -> Result<tokio_postgres::Config, ConfigError> {
    let stage = variables.optional("APP_ENV", Stage::default(), values::stage);
    let database = variables.required(name, |url| values::database(url, stage));
    variables.finish(database)
}
