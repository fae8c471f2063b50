//! `CONFIG_SSM_PATH`: variables that the environment lacks come from AWS SSM Parameter Store.

mod cold_start;
mod credentials;
mod refusals;

use serde_json::{Value, json};

use crate::harness::{
    Credentials, Gateway, Moto, Proxy, Publisher, Reply, Request, Role, SECRET, TestDatabase,
    issuer,
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

    let mut claims = issuer::claims();
    api.send(Request::list("ann").token(&sign(&claims)))
        .await
        .problem(401);
    claims["iss"] = json!("https://issuer.example");
    api.send(Request::list("ann").token(&sign(&claims)))
        .await
        .expect(200);
}

/// A token with these claims, signed with the shared secret.
fn sign(claims: &Value) -> String {
    let (key, algorithm) = (issuer::key(SECRET), jsonwebtoken::Algorithm::HS256);
    issuer::token_of(r#"{"alg":"HS256"}"#, &claims.to_string(), &key, algorithm)
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
    health_of(&no_path).await.expect(200);
    let nothing_missing = [&asking[..], &required, &optional].concat();
    health_of(&nothing_missing).await.expect(200);
    assert_eq!(aws.requests(), 0);

    for name in optional.map(|(name, _)| name) {
        let before = aws.requests();
        let one_missing = [&nothing_missing[..], &[(name, "")]].concat();
        assert!(health_of(&one_missing).await.status >= 500, "{name}");
        assert_eq!(aws.requests() - before, 1, "{name}");
    }
}

/// The answer to `GET /health` with these variables.
async fn health_of(variables: &[(&str, &str)]) -> Reply {
    let api = deploy(variables).await;
    api.http("GET", "/health", &[]).await
}
