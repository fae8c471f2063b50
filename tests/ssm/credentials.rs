//! The function's own credentials, and that no secret is logged.

use serde_json::json;

use super::{BETTER_AUTH_SECRET, DATABASE_URL, NOBODY, asking, deploy};
use crate::harness::{Credentials, Gateway, Moto, Publisher, Role, SECRET, TestDatabase};

/// A role's credentials in the form in which AWS publishes them at an address.
fn published(role: &Credentials<'_>) -> String {
    let credentials = json!({
        "AccessKeyId": role.id,
        "SecretAccessKey": role.secret,
        "Token": role.token,
        "Expiration": "2099-01-01T00:00:00Z",
    });
    credentials.to_string()
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
    container.publish(&published(&role));
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
