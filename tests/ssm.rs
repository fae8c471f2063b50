//! `CONFIG_SSM_PATH`: variables that the environment lacks come from AWS SSM Parameter Store.

mod cold_start;
mod refusals;

use serde_json::{Value, json};

use crate::harness::{
    Credentials, Gateway, Moto, Proxy, Publisher, Request, Role, SECRET, TestDatabase, issuer,
};

const PATH: &str = "/todo-api/prod";
const DATABASE_URL: &str = "/todo-api/prod/DATABASE_URL";
const BETTER_AUTH_SECRET: &str = "/todo-api/prod/BETTER_AUTH_SECRET";

/// For servers that ignore credentials.
const ANYBODY: Credentials<'_> = Credentials {
    id: "AKIDEXAMPLE",
    secret: "a secret key",
    token: "a token",
};
const NOBODY: Credentials<'_> = Credentials {
    id: "",
    secret: "",
    token: "",
};

/// The environment of functions that have no secrets and fetch them from `endpoint`.
fn asking<'a>(endpoint: &'a str, by: Credentials<'a>) -> Vec<(&'a str, &'a str)> {
    vec![
        ("DATABASE_URL", ""),
        ("BETTER_AUTH_SECRET", ""),
        ("CONFIG_SSM_PATH", PATH),
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ACCESS_KEY_ID", by.id),
        ("AWS_SECRET_ACCESS_KEY", by.secret),
        ("AWS_SESSION_TOKEN", by.token),
    ]
}

async fn deploy(variables: &[(&str, &str)]) -> Gateway {
    Gateway::start_with("", variables).await
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(
    not(feature = "ssm"),
    ignore = "needs the feature `ssm`: cargo test --features functions/ssm"
)]
async fn secrets_in_parameter_store_are_fetched_with_one_request_per_environment() {
    let database = TestDatabase::create().await;
    let Some(aws) = Moto::start(&[
        (DATABASE_URL, &database.url()),
        (BETTER_AUTH_SECRET, SECRET),
    ]) else {
        return;
    };
    let proxy = Proxy::start(aws.port()).await.unwrap();
    let _ = proxy.take();
    let endpoint = proxy.through(aws.url());
    let api = deploy(&asking(&endpoint, aws.credentials(Role::Allowed))).await;

    let id = api.create("ann", "Buy milk").await;
    assert_eq!(proxy.take().round_trips, 1);
    assert_eq!(
        api.send(Request::get("ann", &id)).await.expect(200)["title"],
        "Buy milk"
    );
    assert_eq!(proxy.take().round_trips, 1);

    api.send(Request::get("ann", &id)).await.expect(200);
    assert_eq!(
        proxy.take().round_trips,
        0,
        "a warm environment sent another request"
    );
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(
    not(feature = "ssm"),
    ignore = "needs the feature `ssm`: cargo test --features functions/ssm"
)]
async fn the_environment_wins_and_only_missing_values_are_fetched() {
    let database = TestDatabase::create().await;
    let parameters = [
        (DATABASE_URL, "postgres://nobody@127.0.0.1:1/none"),
        (BETTER_AUTH_SECRET, "another secret"),
        ("/todo-api/prod/JWT_ISSUER", "https://issuer.example"),
        (
            "/todo-api/prod/deeper/JWT_AUDIENCE",
            "https://not-for-us.example",
        ),
        ("/todo-api/JWT_AUDIENCE", "https://nor-this.example"),
    ];
    let Some(aws) = Moto::start(&parameters) else {
        return;
    };
    let url = database.url();
    let own = [
        ("DATABASE_URL", url.as_str()),
        ("BETTER_AUTH_SECRET", SECRET),
    ];
    let api = deploy(
        &[
            asking(aws.url(), aws.credentials(Role::Allowed)),
            own.to_vec(),
        ]
        .concat(),
    )
    .await;

    let sign = |claims: &Value| {
        let (key, algorithm) = (issuer::key(SECRET), jsonwebtoken::Algorithm::HS256);
        issuer::token_of(r#"{"alg":"HS256"}"#, &claims.to_string(), &key, algorithm)
    };
    let mut claims = issuer::claims();
    api.send(Request::list("ann").token(&sign(&claims)))
        .await
        .problem(401);
    claims["iss"] = json!("https://issuer.example");
    api.send(Request::list("ann").token(&sign(&claims)))
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(
    not(feature = "ssm"),
    ignore = "needs the feature `ssm`: cargo test --features functions/ssm"
)]
async fn parameters_that_need_several_answers_are_all_fetched() {
    let database = TestDatabase::create().await;
    let url = database.url();
    let others: Vec<_> = (10..31)
        .map(|number| format!("/todo-api/prod/ANOTHER_{number}"))
        .collect();
    let mut parameters: Vec<_> = others.iter().map(|name| (name.as_str(), "x")).collect();
    parameters.extend([(DATABASE_URL, url.as_str()), (BETTER_AUTH_SECRET, SECRET)]);
    let Some(aws) = Moto::start(&parameters) else {
        return;
    };
    let proxy = Proxy::start(aws.port()).await.unwrap();
    let _ = proxy.take();
    let endpoint = proxy.through(aws.url());

    let api = deploy(&asking(&endpoint, aws.credentials(Role::Allowed))).await;

    api.create("ann", "t").await;
    assert_eq!(proxy.take().round_trips, 3);
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(
    not(feature = "ssm"),
    ignore = "needs the feature `ssm`: cargo test --features functions/ssm"
)]
async fn the_migration_takes_the_direct_address_from_parameter_store() {
    let database = TestDatabase::create_empty().await;
    let parameters = [
        ("/todo-api/prod/DATABASE_URL_UNPOOLED", database.url()),
        (DATABASE_URL, "postgres://nobody@127.0.0.1:1/none".into()),
    ];
    let Some(aws) = Moto::start(
        &parameters
            .each_ref()
            .map(|(name, value)| (*name, value.as_str())),
    ) else {
        return;
    };
    let variables = asking(aws.url(), aws.credentials(Role::Allowed));
    let api = deploy(&[variables, vec![("DATABASE_URL_UNPOOLED", "")]].concat()).await;
    let report = api.server.invoke("migrate", json!({})).await.unwrap();
    assert_eq!(report["applied"][0], "V1__create_tasks");
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(
    not(feature = "ssm"),
    ignore = "needs the feature `ssm`: cargo test --features functions/ssm"
)]
async fn credentials_are_found_at_an_address_as_with_snapstart() {
    let database = TestDatabase::create().await;
    let Some(aws) = Moto::start(&[
        (DATABASE_URL, &database.url()),
        (BETTER_AUTH_SECRET, SECRET),
    ]) else {
        return;
    };
    let role = aws.credentials(Role::Allowed);
    let container = Publisher::start().await;
    let expiration = "2099-01-01T00:00:00Z";
    container.publish(
        &json!({
            "AccessKeyId": role.id, "SecretAccessKey": role.secret, "Token": role.token, "Expiration": expiration
        })
        .to_string(),
    );
    let address = container.url();
    let variables = [
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", address.as_str()),
        (
            "AWS_CONTAINER_AUTHORIZATION_TOKEN",
            "the token of the address",
        ),
        ("AWS_LAMBDA_LOG_LEVEL", "trace"),
    ];
    let api = deploy(&[&asking(aws.url(), NOBODY)[..], &variables].concat()).await;

    api.create("ann", "t").await;
    assert_eq!(container.requests(), 1);
    assert_nothing_in_log(
        &api,
        &[
            &database.url(),
            SECRET,
            role.secret,
            role.token,
            variables[1].1,
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(
    not(feature = "ssm"),
    ignore = "needs the feature `ssm`: cargo test --features functions/ssm"
)]
async fn no_secret_is_logged_even_at_the_most_verbose_level() {
    let database = TestDatabase::create().await;
    let Some(aws) = Moto::start(&[
        (DATABASE_URL, &database.url()),
        (BETTER_AUTH_SECRET, SECRET),
    ]) else {
        return;
    };
    let role = aws.credentials(Role::Allowed);
    let everything = [
        ("AWS_LAMBDA_LOG_LEVEL", "trace"),
        ("LOG_SENSITIVE_BODIES", "true"),
    ];
    let api = deploy(&[&asking(aws.url(), role)[..], &everything].concat()).await;

    api.create("ann", "t").await;
    assert_nothing_in_log(&api, &[&database.url(), SECRET, role.secret, role.token]);
}

fn assert_nothing_in_log(api: &Gateway, secrets: &[&str]) {
    let log = api.log().join("\n");
    assert!(
        log.contains("aws_smithy_runtime"),
        "nothing of the SDK is logged"
    );
    for secret in secrets {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(
    not(feature = "ssm"),
    ignore = "needs the feature `ssm`: cargo test --features functions/ssm"
)]
async fn parameter_store_is_not_asked_without_a_path_or_when_nothing_is_missing() {
    let database = TestDatabase::create().await;
    let (url, jwks) = (database.url(), issuer::jwks());
    let (aws, keys) = (Publisher::start().await, Publisher::start().await);
    aws.answer("400 Bad Request\r\ncontent-length: 2", "{}");
    keys.publish(&jwks);
    let (endpoint, jwks_url) = (aws.origin(), keys.url());
    let asking = asking(&endpoint, ANYBODY);
    let required = [
        ("DATABASE_URL", url.as_str()),
        ("BETTER_AUTH_SECRET", SECRET),
    ];
    let optional = [
        ("APP_ENV", "development"),
        ("JWT_JWKS", &jwks),
        ("JWT_JWKS_URL", &jwks_url),
        ("JWT_JWKS_MAX_AGE", "3600"),
        ("JWT_ISSUER", "https://issuer.example"),
        ("JWT_AUDIENCE", "https://api.example"),
        ("JWT_MAX_LIFETIME", "3600"),
        ("JWT_LEEWAY", "5"),
    ];

    let no_path = [&asking[..], &required, &[("CONFIG_SSM_PATH", "")]].concat();
    deploy(&no_path)
        .await
        .http("GET", "/health", &[])
        .await
        .expect(200);
    let nothing_missing = [&asking[..], &required, &optional].concat();
    deploy(&nothing_missing)
        .await
        .http("GET", "/health", &[])
        .await
        .expect(200);
    assert_eq!(aws.requests(), 0);

    for name in optional.map(|(name, _)| name) {
        let before = aws.requests();
        let one_missing = [&nothing_missing[..], &[(name, "")]].concat();
        assert!(
            deploy(&one_missing)
                .await
                .http("GET", "/health", &[])
                .await
                .status
                >= 500
        );
        assert_eq!(aws.requests() - before, 1, "{name}");
    }
}
