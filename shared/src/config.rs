//! Every environment variable that the functions read, validated together.

use std::fmt;

use tokio_postgres::config::SslMode;

/// The configuration of a function.
#[derive(Debug)]
pub struct Config {
    /// `APP_ENV`: `development` (the default) or `production`, which refuses what is only fit for a laptop.
    pub stage: Stage,
    /// `DATABASE_URL`: where the tasks are, as a `postgres://` address. With Neon, the pooled one.
    pub database: tokio_postgres::Config,
    /// `BETTER_AUTH_SECRET`: the secret that the frontends sign their tokens with (HS256). In production
    /// at least 32 bytes, the hash's own length (RFC 7518 section 3.2).
    pub secret: Secret,
    /// `AWS_LAMBDA_MAX_CONCURRENCY`: how many requests one execution environment serves at once. Lambda
    /// sets it on Managed Instances; 1 where it is unset.
    pub max_concurrency: usize,
}

/// Where the service runs.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Stage {
    /// On a laptop or in a test.
    #[default]
    Development,
    /// For users: TLS to the database and a secret of full length are required.
    Production,
}

/// A secret that never shows itself in a log.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The secret's bytes, for the one who signs or verifies.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl From<&str> for Secret {
    fn from(secret: &str) -> Self {
        Self(secret.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Everything that is wrong with the environment, one line each.
#[derive(Debug, thiserror::Error)]
#[error("the configuration is wrong:\n  {}", .0.join("\n  "))]
pub struct ConfigError(pub Vec<String>);

impl Config {
    /// Reads the process's environment.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// Reads the variables that `lookup` gives; an empty one counts as missing.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut variables = Variables { lookup, wrong: Vec::new() };
        let stage = variables.read("APP_ENV", Some(Stage::default()), parse_stage);
        let required_of = stage.unwrap_or_default();
        let database = variables.read("DATABASE_URL", None, |url| parse_database(url, required_of));
        let secret = variables.read("BETTER_AUTH_SECRET", None, |secret| parse_secret(secret, required_of));
        let max_concurrency = variables.read("AWS_LAMBDA_MAX_CONCURRENCY", Some(1), parse_concurrency);
        match (stage, database, secret, max_concurrency) {
            (Some(stage), Some(database), Some(secret), Some(max_concurrency)) => {
                Ok(Self { stage, database, secret, max_concurrency })
            }
            _ => Err(ConfigError(variables.wrong)),
        }
    }
}

/// The direct connection for migrations: `DATABASE_URL_UNPOOLED`, else `DATABASE_URL`. A migration
/// needs no other variable.
pub fn migration_database() -> Result<tokio_postgres::Config, ConfigError> {
    let lookup = |name: &str| std::env::var(name).ok();
    let mut variables = Variables { lookup, wrong: Vec::new() };
    let stage = variables.read("APP_ENV", Some(Stage::default()), parse_stage).unwrap_or_default();
    let name =
        ["DATABASE_URL_UNPOOLED"].into_iter().find(|name| lookup(name).is_some_and(|url| !url.is_empty()));
    let database = variables.read(name.unwrap_or("DATABASE_URL"), None, |url| parse_database(url, stage));
    match (database, variables.wrong) {
        (Some(database), wrong) if wrong.is_empty() => Ok(database),
        (_, wrong) => Err(ConfigError(wrong)),
    }
}

/// Reads variables and remembers all that is wrong with them.
struct Variables<L> {
    lookup: L,
    wrong: Vec<String>,
}

impl<L: Fn(&str) -> Option<String>> Variables<L> {
    fn read<T>(
        &mut self,
        name: &str,
        default: Option<T>,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let parsed = match (self.lookup)(name).filter(|value| !value.is_empty()) {
            Some(value) => parse(&value).map_err(|reason| format!("{name} {reason}")),
            None => default.ok_or_else(|| format!("{name} is missing")),
        };
        parsed.map_err(|wrong| self.wrong.push(wrong)).ok()
    }
}

fn parse_stage(value: &str) -> Result<Stage, String> {
    match value {
        "development" => Ok(Stage::Development),
        "production" => Ok(Stage::Production),
        _ => Err("must be \"development\" or \"production\"".into()),
    }
}

/// Accepts a PostgreSQL address (libpq's URI format). `verify-ca` and `verify-full`, which
/// tokio-postgres does not know, mean `require`: certificates are always verified here.
fn parse_database(url: &str, stage: Stage) -> Result<tokio_postgres::Config, String> {
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return Err("must begin with postgres:// or postgresql://".into());
    }
    let url =
        url.replace("sslmode=verify-full", "sslmode=require").replace("sslmode=verify-ca", "sslmode=require");
    let mut config: tokio_postgres::Config =
        url.parse().map_err(|error| format!("is no PostgreSQL address: {}", crate::error::Chain(&error)))?;
    if stage == Stage::Production {
        if config.get_ssl_mode() == SslMode::Disable {
            return Err("must not say sslmode=disable in production".into());
        }
        config.ssl_mode(SslMode::Require);
    }
    Ok(config)
}

fn parse_secret(secret: &str, stage: Stage) -> Result<Secret, String> {
    match stage {
        Stage::Production if secret.len() < 32 => Err("must have at least 32 bytes in production".into()),
        _ => Ok(Secret::from(secret)),
    }
}

fn parse_concurrency(value: &str) -> Result<usize, String> {
    value.parse().ok().filter(|&number| number > 0).ok_or_else(|| "must be a number above 0".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_lookup(|name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn one_message_lists_everything_that_is_wrong() {
        let error = read(&[("APP_ENV", "staging"), ("AWS_LAMBDA_MAX_CONCURRENCY", "0")]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the configuration is wrong:\n  \
             APP_ENV must be \"development\" or \"production\"\n  \
             DATABASE_URL is missing\n  \
             BETTER_AUTH_SECRET is missing\n  \
             AWS_LAMBDA_MAX_CONCURRENCY must be a number above 0"
        );
    }

    #[test]
    fn production_requires_tls_and_a_long_secret() {
        let insecure = [
            ("APP_ENV", "production"),
            ("DATABASE_URL", "postgres://u:p@db.example/todo?sslmode=disable"),
            ("BETTER_AUTH_SECRET", "short"),
        ];
        let wrong = read(&insecure).unwrap_err().0;
        assert_eq!(wrong.len(), 2, "{wrong:?}");

        let secure = [
            ("APP_ENV", "production"),
            ("DATABASE_URL", "postgres://u:p@db.example/todo"),
            ("BETTER_AUTH_SECRET", "0123456789abcdef0123456789abcdef"),
        ];
        assert_eq!(read(&secure).unwrap().database.get_ssl_mode(), SslMode::Require);
    }

    #[test]
    fn the_addresses_that_neon_shows_are_understood() {
        for query in ["sslmode=require&channel_binding=require", "sslmode=verify-full", "sslmode=require"] {
            let url = format!("postgresql://u:p@ep-x-pooler.eu-central-1.aws.neon.tech/neondb?{query}");
            let config = read(&[("DATABASE_URL", &url), ("BETTER_AUTH_SECRET", "s")]).unwrap();
            assert_eq!(config.database.get_ssl_mode(), SslMode::Require, "{query}");
        }
    }

    #[test]
    fn a_wrong_address_is_explained_without_showing_the_password() {
        for url in [
            "mysql://u:hunter2@h/db",
            "postgres://u:hunter2@h/db?pgbouncer=true",
            "postgres://u:hunter2@h:99999/db",
        ] {
            let error = read(&[("DATABASE_URL", url), ("BETTER_AUTH_SECRET", "s")]).unwrap_err().to_string();
            assert!(error.contains("DATABASE_URL"), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn the_secret_is_not_shown() {
        assert!(!format!("{:?}", Secret::from("hunter2")).contains("hunter2"));
    }
}
