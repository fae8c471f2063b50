//! Every environment variable that the functions read, validated together.

mod load;
mod parse;
#[cfg(feature = "ssm")]
mod ssm;
#[cfg(test)]
mod tests;

use std::fmt;

use axum::http::Uri;

use crate::auth::{ClaimRules, FetchLimits, KeySet, RemoteKeys, Verifier};

/// The configuration of a function.
#[derive(Debug)]
pub struct Config {
    /// `APP_ENV`: `development` (the default) or `production`, which refuses what is only fit for a laptop.
    pub stage: Stage,
    /// `DATABASE_URL`: where the tasks are, as a `postgres://` address. With Neon, the pooled one.
    pub database: tokio_postgres::Config,
    /// How tokens are verified.
    pub tokens: TokenConfig,
    /// `AWS_LAMBDA_MAX_CONCURRENCY`: how many requests one execution environment serves at once. Lambda
    /// sets it on Managed Instances; 1 where it is unset.
    pub max_concurrency: usize,
}

/// How tokens are verified. At least one of the three sources of keys is needed.
#[derive(Debug)]
pub struct TokenConfig {
    /// `BETTER_AUTH_SECRET`: a secret that the frontends sign their tokens with (HS256). In production
    /// at least 32 bytes, the hash's own length (RFC 7518 section 3.2).
    pub secret: Option<Secret>,
    /// `JWT_JWKS`: the issuer's public keys, a JSON Web Key Set (RFC 7517).
    pub jwks: Option<KeySet>,
    /// `JWT_JWKS_URL`: where the issuer publishes them; https, except on a loopback address.
    pub jwks_url: Option<Uri>,
    /// `JWT_ISSUER` and `JWT_AUDIENCE`: the `iss` and `aud` that tokens must have; unset, any will do.
    /// `JWT_LEEWAY`: how far clocks may differ, 5 s by default. `JWT_MAX_LIFETIME`: the longest from
    /// `iat` to `exp`, 2,592,000 s (30 days) by default.
    pub rules: ClaimRules,
}

impl TokenConfig {
    /// What verifies tokens in this way.
    #[must_use]
    pub fn verifier(&self) -> Verifier {
        let secret = self
            .secret
            .as_ref()
            .map(KeySet::shared_secret)
            .unwrap_or_default();
        let keys = secret.with(self.jwks.clone().unwrap_or_default());
        let remote = self
            .jwks_url
            .clone()
            .map(|url| RemoteKeys::new(url, FetchLimits::default()));
        Verifier::new(keys, remote, self.rules.clone())
    }
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
    /// Reads the process's environment, and where `CONFIG_SSM_PATH` is set what is missing there from AWS SSM
    /// Parameter Store, within 5 s.
    pub async fn load() -> Result<Self, ConfigError> {
        load::load(|lookup| Self::from_lookup(lookup)).await
    }

    /// Reads the variables that `lookup` gives; an empty one counts as missing.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut variables = Variables {
            lookup,
            wrong: Vec::new(),
        };
        let stage = variables.optional("APP_ENV", Stage::default(), parse::stage);
        let database = variables.required("DATABASE_URL", |url| parse::database(url, stage));
        let tokens = TokenConfig::read(&mut variables, stage);
        let max_concurrency =
            variables.optional("AWS_LAMBDA_MAX_CONCURRENCY", 1, parse::concurrency);
        match database {
            Some(database) if variables.wrong.is_empty() => Ok(Self {
                stage,
                database,
                tokens,
                max_concurrency,
            }),
            _ => Err(ConfigError(variables.wrong)),
        }
    }
}

impl TokenConfig {
    fn read<L: Fn(&str) -> Option<String>>(variables: &mut Variables<L>, stage: Stage) -> Self {
        let sources = ["BETTER_AUTH_SECRET", "JWT_JWKS", "JWT_JWKS_URL"];
        if sources.iter().all(|name| variables.value(name).is_none()) {
            variables.wrong.push(format!(
                "{} are missing: one of them is needed",
                sources.join(", ")
            ));
        }
        let default = ClaimRules::default();
        Self {
            secret: variables.optional(sources[0], None, |secret| {
                parse::secret(secret, stage).map(Some)
            }),
            jwks: variables.optional(sources[1], None, |json| parse::jwks(json).map(Some)),
            jwks_url: variables.optional(sources[2], None, |url| parse::jwks_url(url).map(Some)),
            rules: ClaimRules {
                issuer: variables
                    .optional("JWT_ISSUER", None, |issuer| Ok(Some(issuer.to_owned()))),
                audience: variables.optional("JWT_AUDIENCE", None, |audience| {
                    Ok(Some(audience.to_owned()))
                }),
                leeway: variables.optional("JWT_LEEWAY", default.leeway, parse::leeway),
                max_lifetime: variables.optional(
                    "JWT_MAX_LIFETIME",
                    default.max_lifetime,
                    parse::lifetime,
                ),
            },
        }
    }
}

/// The direct connection for migrations: `DATABASE_URL_UNPOOLED`, else `DATABASE_URL`. A migration
/// needs no other variable. They come from where those of [`Config::load`] do.
pub async fn migration_database() -> Result<tokio_postgres::Config, ConfigError> {
    load::load(|lookup| migration_database_from(lookup)).await
}

fn migration_database_from(
    lookup: &load::Lookup<'_>,
) -> Result<tokio_postgres::Config, ConfigError> {
    let mut variables = Variables {
        lookup,
        wrong: Vec::new(),
    };
    let stage = variables.optional("APP_ENV", Stage::default(), parse::stage);
    let unpooled = variables
        .value("DATABASE_URL_UNPOOLED")
        .map(|_| "DATABASE_URL_UNPOOLED");
    let database = variables.required(unpooled.unwrap_or("DATABASE_URL"), |url| {
        parse::database(url, stage)
    });
    database
        .filter(|_| variables.wrong.is_empty())
        .ok_or(ConfigError(variables.wrong))
}

/// Reads variables and remembers all that is wrong with them.
struct Variables<L> {
    lookup: L,
    wrong: Vec<String>,
}

impl<L: Fn(&str) -> Option<String>> Variables<L> {
    fn value(&self, name: &str) -> Option<String> {
        (self.lookup)(name).filter(|value| !value.is_empty())
    }

    fn required<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        if self.value(name).is_none() {
            self.wrong.push(format!("{name} is missing"));
        }
        self.optional(name, None, |value| parse(value).map(Some))
    }

    /// The default as well when the variable is wrong, so that reading goes on.
    fn optional<T>(
        &mut self,
        name: &str,
        default: T,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> T {
        match self.value(name).map(|value| parse(&value)) {
            None => default,
            Some(Ok(value)) => value,
            Some(Err(reason)) => {
                self.wrong.push(format!("{name} {reason}"));
                default
            }
        }
    }
}
