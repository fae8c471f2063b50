//! What a configuration may be, and how a wrong one is explained.

use tokio_postgres::config::SslMode;

use super::{Config, ConfigError};

fn read(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::from_lookup(|name| {
        variables
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| (*value).to_owned())
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
         BETTER_AUTH_SECRET, JWT_JWKS, JWT_JWKS_URL are missing: one of them is needed\n  \
         AWS_LAMBDA_MAX_CONCURRENCY must be a number above 0"
    );
}

#[test]
fn production_requires_tls_and_a_long_secret() {
    let insecure = [
        ("APP_ENV", "production"),
        (
            "DATABASE_URL",
            "postgres://u:p@db.example/todo?sslmode=disable",
        ),
        ("BETTER_AUTH_SECRET", "short"),
    ];
    let wrong = read(&insecure).unwrap_err().0;
    assert_eq!(wrong.len(), 2, "{wrong:?}");

    let secure = [
        ("APP_ENV", "production"),
        ("DATABASE_URL", "postgres://u:p@db.example/todo"),
        ("BETTER_AUTH_SECRET", "0123456789abcdef0123456789abcdef"),
    ];
    assert_eq!(
        read(&secure).unwrap().database.get_ssl_mode(),
        SslMode::Require
    );
}

#[test]
fn the_addresses_that_neon_shows_are_understood() {
    for query in [
        "sslmode=require&channel_binding=require",
        "sslmode=verify-full",
        "sslmode=require",
    ] {
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
        let error = read(&[("DATABASE_URL", url), ("BETTER_AUTH_SECRET", "s")])
            .unwrap_err()
            .to_string();
        assert!(error.contains("DATABASE_URL"), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[test]
fn keys_are_fetched_over_tls_or_from_this_computer() {
    let read = |url| read(&[("DATABASE_URL", "postgres://u@h/d"), ("JWT_JWKS_URL", url)]);
    for url in [
        "https://auth.example/jwks",
        "http://127.0.0.1:3000/api/auth/jwks",
        "http://localhost/jwks",
    ] {
        assert!(read(url).is_ok(), "{url}");
    }
    for url in [
        "http://auth.example/jwks",
        "ftp://127.0.0.1/jwks",
        "/jwks",
        "auth.example",
        "http://127.0.0.1.evil.example/",
    ] {
        assert_eq!(read(url).unwrap_err().0.len(), 1, "{url}");
    }
}

/// What is wrong in production with these variables besides a database and its TLS.
fn wrong_in_production(variables: &[(&str, &str)]) -> Vec<String> {
    let base = [
        ("APP_ENV", "production"),
        ("DATABASE_URL", "postgres://u:p@db.example/todo"),
    ];
    let read = read(&[&base, variables].concat());
    read.err().map(|error| error.0).unwrap_or_default()
}

const URL: (&str, &str) = ("JWT_JWKS_URL", "https://auth.example/jwks");
const KEYS: (&str, &str) = (
    "JWT_JWKS",
    r#"{"keys":[{"kty":"OKP","crv":"Ed25519","alg":"Ed25519",
        "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#,
);
const SECRET: (&str, &str) = ("BETTER_AUTH_SECRET", "0123456789abcdef0123456789abcdef");
const ISSUER: (&str, &str) = ("JWT_ISSUER", "https://auth.example");
const AUDIENCE: (&str, &str) = ("JWT_AUDIENCE", "tasks");

#[test]
fn in_production_an_issuers_keys_need_the_issuer_and_the_audience_of_their_tokens() {
    for keys in [URL, KEYS] {
        let name = keys.0;
        let wrong = wrong_in_production(&[keys, SECRET]);
        assert_eq!(wrong.len(), 2, "{wrong:?}");
        for (wrong, missing) in wrong.iter().zip(["JWT_ISSUER", "JWT_AUDIENCE"]) {
            let expected = format!("{missing} is missing: in production, {name} needs it");
            assert!(wrong.starts_with(&expected), "{wrong}");
        }
        for (present, missing) in [(ISSUER, "JWT_AUDIENCE"), (AUDIENCE, "JWT_ISSUER")] {
            let wrong = wrong_in_production(&[keys, present, (missing, "")]);
            assert_eq!(wrong.len(), 1, "{wrong:?}");
            assert!(wrong[0].starts_with(missing), "{wrong:?}");
        }
        let complete = wrong_in_production(&[keys, ISSUER, AUDIENCE]);
        assert!(complete.is_empty(), "{complete:?}");
    }
    let wrong = wrong_in_production(&[SECRET]);
    assert!(wrong.is_empty(), "a secret needs neither: {wrong:?}");
}

#[test]
fn on_a_laptop_an_issuers_keys_need_nothing_else() {
    for keys in [URL, KEYS] {
        assert!(read(&[("DATABASE_URL", "postgres://u@h/d"), keys]).is_ok());
    }
}

#[test]
fn the_age_of_keys_is_an_hour_unless_it_is_configured_within_a_day() {
    let read = |age| {
        read(&[
            ("DATABASE_URL", "postgres://u@h/d"),
            URL,
            ("JWT_JWKS_MAX_AGE", age),
        ])
    };
    for (age, seconds) in [("", 3600), ("1", 1), ("86400", 86_400)] {
        assert_eq!(read(age).unwrap().tokens.jwks_max_age.as_secs(), seconds);
    }
    for age in ["0", "-1", "86401", "1.5", "1h", "99999999999999999999"] {
        assert_eq!(
            read(age).unwrap_err().0,
            ["JWT_JWKS_MAX_AGE must be a number of seconds from 1 to 86400"],
            "{age}"
        );
    }
}
