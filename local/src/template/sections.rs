//! The sections of a template, as SAM defines them. A field that is not listed here is an error.

use std::collections::BTreeMap;

use anyhow::{Result, anyhow};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Map, Value};

use super::Cors;

/// Properties that no request depends on here. Throttling is one of them, and AWS's own address
/// of the API another: here it has neither that nor a domain.
const WITHOUT_EFFECT: [&str; 15] = [
    "AccessLogSettings",
    "Architectures",
    "AutoPublishAlias",
    "AutoPublishAliasAllProperties",
    "CodeUri",
    "DefaultRouteSettings",
    "DeploymentPreference",
    "DisableExecuteApiEndpoint",
    "FailOnWarnings",
    "Handler",
    "LoggingConfig",
    "ReservedConcurrentExecutions",
    "Role",
    "Runtime",
    "Tracing",
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Sections {
    #[serde(default)]
    pub(super) globals: Globals,
    pub(super) resources: BTreeMap<String, Resource>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub(super) struct Globals {
    pub(super) function: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Resource {
    #[serde(rename = "Type")]
    pub(super) kind: ResourceType,
    #[serde(default)]
    pub(super) metadata: Metadata,
    #[serde(default)]
    pub(super) properties: Value,
}

#[derive(Deserialize)]
pub(super) enum ResourceType {
    #[serde(rename = "AWS::Serverless::Function")]
    Function,
    #[serde(rename = "AWS::Serverless::HttpApi")]
    HttpApi,
    /// No request depends on it here.
    #[serde(
        rename = "AWS::CloudWatch::Alarm",
        alias = "AWS::ApiGatewayV2::ApiMapping",
        alias = "AWS::ApiGatewayV2::DomainName",
        alias = "AWS::IAM::Role",
        alias = "AWS::Logs::LogGroup",
        alias = "AWS::Route53::RecordSet"
    )]
    WithoutEffect,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Metadata {
    pub(super) build_properties: Option<BuildProperties>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct BuildProperties {
    pub(super) binary: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct FunctionProperties {
    /// In seconds.
    pub(super) timeout: Option<u64>,
    pub(super) memory_size: Option<u32>,
    #[serde(default)]
    pub(super) environment: Environment,
    #[serde(default)]
    pub(super) events: BTreeMap<String, Event>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Environment {
    pub(super) variables: BTreeMap<String, Variable>,
}

/// The value of a variable as a process sees it.
#[derive(Deserialize)]
#[serde(try_from = "Value")]
pub(super) struct Variable(pub(super) String);

impl TryFrom<Value> for Variable {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        match value {
            Value::String(text) => Ok(Self(text)),
            Value::Number(_) | Value::Bool(_) => Ok(Self(value.to_string())),
            other => Err(format!(
                "{other} is neither a literal nor a !Ref to a parameter that has a value"
            )),
        }
    }
}

#[derive(Deserialize)]
#[serde(tag = "Type", content = "Properties", deny_unknown_fields)]
pub(super) enum Event {
    /// Without a method and a path, it is the default route.
    #[serde(rename_all = "PascalCase")]
    HttpApi {
        /// There is only one API.
        #[serde(rename = "ApiId", default)]
        _api_id: IgnoredAny,
        method: Option<String>,
        path: Option<String>,
    },
    #[serde(rename_all = "PascalCase")]
    Schedule { schedule: String },
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ApiProperties {
    pub(super) cors_configuration: Option<Cors>,
}

/// Reads properties without those that have no effect here. The error says where it is.
pub(super) fn read<T: DeserializeOwned>(place: &str, mut properties: Value) -> Result<T> {
    match &mut properties {
        Value::Null => properties = Value::Object(Map::new()),
        Value::Object(object) => object.retain(|name, _| !WITHOUT_EFFECT.contains(&name.as_str())),
        // It is refused as what it is.
        _ => {}
    }
    serde_path_to_error::deserialize(properties).map_err(|error| anyhow!("{place}.{error}"))
}
