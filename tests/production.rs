//! What only a deployment is asked for: settings without which it would be too trusting.

use std::fs::read_to_string;

use crate::harness::issuer::jwks;
use crate::harness::{Gateway, Request, root};

/// How a function that is deployed for users answers with these variables, and what it logs.
async fn start_of(variables: &[(&str, &str)]) -> (u16, String) {
    let production = [("APP_ENV", "production")];
    let variables = [&production, variables].concat();
    let api = Gateway::start_with("postgres://u:p@db.invalid/todo", &variables).await;
    let answer = api.send(Request::list("ann")).await;
    (answer.status, api.log().join("\n"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_does_not_start_if_tokens_for_other_services_would_do() {
    let jwks = jwks();
    for keys in [
        ("JWT_JWKS_URL", "https://auth.example/jwks"),
        ("JWT_JWKS", jwks.as_str()),
    ] {
        let (status, log) = start_of(&[keys]).await;
        assert!(status >= 500, "{status}");
        for name in ["JWT_ISSUER", "JWT_AUDIENCE"] {
            let reason = format!("{name} is missing: in production, {} needs it", keys.0);
            assert!(log.contains(&reason), "{reason}: {log}");
        }
        assert!(log.contains("the configuration is wrong"), "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_starts_with_keys_and_whose_tokens_they_sign() {
    let jwks = jwks();
    let complete = [
        ("JWT_JWKS", jwks.as_str()),
        ("JWT_ISSUER", "https://auth.example"),
        ("JWT_AUDIENCE", "tasks"),
    ];
    let (status, log) = start_of(&complete).await;
    assert_eq!(status, 401, "it read the token, which is for nobody: {log}");
    assert!(!log.contains("the configuration is wrong"), "{log}");
}

#[test]
fn the_address_that_aws_gives_the_api_can_be_disabled_and_is_not_by_default() {
    let text = read_to_string(root().join("template.yaml")).unwrap();
    let section = |name: &str| {
        let (_, section) = text.split_once(&format!("\n  {name}:\n")).unwrap();
        section.split("\n\n").next().unwrap()
    };
    assert!(section("DisableExecuteApiEndpoint").contains("Default: \"false\""));
    let given = "\n  HasOnlyDomain: !Equals [!Ref DisableExecuteApiEndpoint, \"true\"]\n";
    assert!(text.contains(given));
    let property = "DisableExecuteApiEndpoint: !If [HasOnlyDomain, true, false]";
    assert!(section("Api").contains(property));
}

/// API Gateway's HTTP APIs cannot be associated with a web ACL of AWS WAF.
#[test]
fn the_threat_model_names_no_firewall_without_what_it_takes() {
    let page = read_to_string(root().join("docs/security.md")).unwrap();
    let (threats, section) = page
        .split_once("\n## Limiting requests by address\n")
        .unwrap();
    assert!(threats.contains("AWS WAF does not support HTTP APIs"));
    assert!(!threats.to_lowercase().contains("firewall"));
    for needed in [
        "CloudFront",
        "`DisableExecuteApiEndpoint=true`",
        "`DomainName`",
    ] {
        assert!(section.contains(needed), "{needed}");
    }
}
