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
