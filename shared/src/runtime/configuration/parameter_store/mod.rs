//! AWS SSM Parameter Store, asked once during init.

mod http;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, meta::region::ProvideRegion};
use aws_sdk_ssm::Client;
use aws_sdk_ssm::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ssm::operation::get_parameters_by_path::GetParametersByPathError;
use tokio::time::timeout;

use self::http::SdkHttp;
use super::variables::environment;
use crate::net::{Chain, HttpsClient};

/// How long everything may take: init has 10 s, and the keys and the database need their share.
const LIMIT: Duration = Duration::from_secs(5);

/// How long one request may take before another is tried.
const ATTEMPT_LIMIT: Duration = Duration::from_secs(2);

/// Up to five requests, the last at most 3 s after the first: many environments that start at once
/// exceed the 40 requests per second that an account has by default.
/// <https://docs.aws.amazon.com/general/latest/gr/ssm.html>
const ATTEMPTS: u32 = 5;
const FIRST_BACKOFF: Duration = Duration::from_millis(200);

/// `AWS_ENDPOINT_URL_SSM`, else `AWS_ENDPOINT_URL`: an address of the service other than the public
/// one in `AWS_REGION`.
const ENDPOINTS: [&str; 2] = ["AWS_ENDPOINT_URL_SSM", "AWS_ENDPOINT_URL"];

/// Why the parameters are not known. Completes "`CONFIG_SSM_PATH`: ...".
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("{0} must begin with /")]
    Relative(String),
    /// Parameter Store answers with an empty list, even if the path is misspelt.
    #[error("there is no parameter under {0}")]
    Missing(String),
    #[error(
        "access to {path} was denied: the function needs ssm:GetParametersByPath, and kms:Decrypt where \
         the parameters have a key of your own ({reason})"
    )]
    Denied { path: String, reason: String },
    #[error("{path} cannot be fetched: {reason}")]
    Failed { path: String, reason: String },
}

/// The parameters directly under `path`, decrypted, by the last part of their names. Makes one
/// request for every ten of them.
pub(super) async fn fetch(path: &str) -> Result<BTreeMap<String, String>, FetchError> {
    if !path.starts_with('/') {
        return Err(FetchError::Relative(path.to_owned()));
    }
    let started = Instant::now();
    let parameters = timeout(LIMIT, ask(path)).await.unwrap_or_else(|_| {
        let reason = format!("no answer within {} s", LIMIT.as_secs());
        Err(FetchError::Failed {
            path: path.to_owned(),
            reason,
        })
    })?;
    if parameters.is_empty() {
        return Err(FetchError::Missing(path.to_owned()));
    }
    let milliseconds = started.elapsed().as_secs_f64() * 1000.0;
    tracing::info!(
        path,
        count = parameters.len(),
        ms = milliseconds,
        "parameters fetched"
    );
    Ok(parameters)
}

async fn ask(path: &str) -> Result<BTreeMap<String, String>, FetchError> {
    let request = client()
        .await
        .get_parameters_by_path()
        .path(path)
        .with_decryption(true);
    let mut pages = request.into_paginator().send();
    let mut parameters = BTreeMap::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| explain(path, &error))?;
        parameters.extend(page.parameters.unwrap_or_default().into_iter().filter_map(
            |parameter| {
                let name = parameter.name?.rsplit('/').next()?.to_owned();
                Some((name, parameter.value?))
            },
        ));
    }
    Ok(parameters)
}

/// A client that takes region, endpoint and credentials from where Lambda puts them.
///
/// `aws_config::defaults` would also read profiles, assume roles and ask a metadata service, none
/// of which Lambda has, and would add 1.3 MB to every binary.
async fn client() -> Client {
    let http = SdkHttp(HttpsClient::new());
    let provider = ProviderConfig::without_region().with_http_client(http.clone());
    // Credentials are in the environment or, with SnapStart, at an address that it names.
    let container = EcsCredentialsProvider::builder()
        .configure(&provider)
        .build();
    let credentials = CredentialsProviderChain::first_try(
        "environment",
        EnvironmentVariableCredentialsProvider::new(),
    )
    .or_else("container", container);
    let mut config = aws_sdk_ssm::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(EnvironmentVariableRegionProvider::new().region().await)
        .credentials_provider(credentials)
        .http_client(http)
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(ATTEMPTS)
                .with_initial_backoff(FIRST_BACKOFF),
        )
        .timeout_config(
            TimeoutConfig::builder()
                .operation_attempt_timeout(ATTEMPT_LIMIT)
                .build(),
        );
    config.set_endpoint_url(ENDPOINTS.into_iter().find_map(environment));
    Client::from_conf(config.build())
}

fn explain(path: &str, error: &SdkError<GetParametersByPathError>) -> FetchError {
    let path = path.to_owned();
    let reason = match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        _ => Chain(error).to_string(),
    };
    // Parameter Store answers 400 with the code. A proxy in front of it may answer 403 with
    // anything.
    let is_forbidden = error
        .raw_response()
        .is_some_and(|response| response.status().as_u16() == 403);
    if is_forbidden || error.code() == Some("AccessDeniedException") {
        return FetchError::Denied { path, reason };
    }
    FetchError::Failed { path, reason }
}
