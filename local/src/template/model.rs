//! The sections of a template as SAM defines them, and what becomes of them here.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::parameters::{resolve, values};
use super::{Cors, Function, Route, Template};

/// Resources that no request depends on here.
const RESOURCES_WITHOUT_EFFECT: [&str; 6] = [
    "AWS::ApiGatewayV2::ApiMapping",
    "AWS::ApiGatewayV2::DomainName",
    "AWS::CloudWatch::Alarm",
    "AWS::IAM::Role",
    "AWS::Logs::LogGroup",
    "AWS::Route53::RecordSet",
];
/// Properties of functions that no request depends on here.
const FUNCTION_PROPERTIES_WITHOUT_EFFECT: [&str; 11] = [
    "Architectures",
    "AutoPublishAlias",
    "AutoPublishAliasAllProperties",
    "CodeUri",
    "DeploymentPreference",
    "Handler",
    "LoggingConfig",
    "ReservedConcurrentExecutions",
    "Role",
    "Runtime",
    "Tracing",
];
/// Properties of the API that no request depends on here. Throttling is one of them.
const API_PROPERTIES_WITHOUT_EFFECT: [&str; 3] = [
    "AccessLogSettings",
    "DefaultRouteSettings",
    "FailOnWarnings",
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Sections {
    #[serde(default)]
    parameters: BTreeMap<String, Value>,
    #[serde(default)]
    globals: Globals,
    resources: BTreeMap<String, Value>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
struct Globals {
    function: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Resource {
    #[serde(rename = "Type")]
    kind: String,
    #[serde(default)]
    metadata: Metadata,
    #[serde(default)]
    properties: Value,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Metadata {
    build_properties: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct BuildProperties {
    binary: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
struct FunctionProperties {
    timeout: Option<u64>,
    memory_size: Option<u32>,
    environment: Variables,
    events: BTreeMap<String, Event>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
struct Variables {
    variables: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Event {
    #[serde(rename = "Type")]
    kind: String,
    #[serde(default)]
    properties: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct HttpApiEvent {
    method: String,
    path: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
struct ApiProperties {
    cors_configuration: Option<Cors>,
}

/// What the parsed YAML `document` deploys with the parameters that are `given`.
pub(super) fn template(
    document: Value,
    given: impl Fn(&str) -> Option<String>,
) -> Result<Template> {
    let sections: Sections = serde_json::from_value(document)?;
    let parameters = values(sections.parameters, given)?;
    let globals = resolve(sections.globals.function, &parameters);
    let globals = function_properties("Globals.Function", globals)?;
    let mut template = Template {
        functions: Vec::new(),
        routes: Vec::new(),
        cors: None,
    };
    let is_api = |resource: &&Value| resource["Type"] == "AWS::Serverless::HttpApi";
    let apis = sections.resources.values().filter(is_api).count();
    ensure!(
        apis <= 1,
        "Resources: more than one HttpApi is not modelled"
    );
    for (id, resource) in sections.resources {
        let place = format!("Resources.{id}");
        if id.starts_with("Fn::ForEach::") {
            repeated(&place, &resource)?;
            continue;
        }
        let resource: Resource = read(&place, resolve(resource, &parameters), &[])?;
        match resource.kind.as_str() {
            "AWS::Serverless::Function" => function(id, resource, &globals, &mut template)?,
            "AWS::Serverless::HttpApi" => {
                let place = format!("{place}.Properties");
                template.cors = api(&place, resource.properties)?;
            }
            kind => without_effect(&place, kind)?,
        }
    }
    Ok(template)
}

/// `Fn::ForEach`: its name, its values, and the resources that are repeated for each of them.
fn repeated(place: &str, value: &Value) -> Result<()> {
    let resources = value.get(2).and_then(Value::as_object);
    for resource in resources.with_context(|| place.to_owned())?.values() {
        without_effect(place, resource["Type"].as_str().unwrap_or_default())?;
    }
    Ok(())
}

fn without_effect(place: &str, kind: &str) -> Result<()> {
    let is_known = RESOURCES_WITHOUT_EFFECT.contains(&kind);
    ensure!(
        is_known,
        "{place}: a resource of the type {kind:?} is not modelled here"
    );
    Ok(())
}

fn api(place: &str, properties: Value) -> Result<Option<Cors>> {
    let api: ApiProperties = read(place, properties, &API_PROPERTIES_WITHOUT_EFFECT)?;
    for origin in api
        .cors_configuration
        .iter()
        .flat_map(|cors| &cors.allow_origins)
    {
        ensure!(
            !origin.contains('*'),
            "{place}: the wildcard origin {origin} is not modelled"
        );
    }
    Ok(api.cors_configuration)
}

fn function(
    logical_id: String,
    resource: Resource,
    globals: &FunctionProperties,
    template: &mut Template,
) -> Result<()> {
    let build = format!("Resources.{logical_id}.Metadata.BuildProperties");
    let BuildProperties { binary } = read(&build, resource.metadata.build_properties, &[])?;
    let place = format!("Resources.{logical_id}.Properties");
    let properties = function_properties(&place, resource.properties)?;
    for (name, event) in properties.events {
        template
            .routes
            .push(route(&format!("{place}.Events.{name}"), event, &binary)?);
    }
    let variables = globals
        .environment
        .variables
        .iter()
        .chain(&properties.environment.variables);
    template.functions.push(Function {
        timeout: Duration::from_secs(properties.timeout.or(globals.timeout).unwrap_or(3)),
        memory_size: properties
            .memory_size
            .or(globals.memory_size)
            .unwrap_or(128),
        environment: variables
            .map(|(name, value)| {
                let value = text(value).with_context(|| format!("{place}.Environment.{name}"));
                Ok((name.clone(), value?))
            })
            .collect::<Result<_>>()?,
        logical_id,
        binary,
    });
    Ok(())
}

fn function_properties(place: &str, properties: Value) -> Result<FunctionProperties> {
    read(place, properties, &FUNCTION_PROPERTIES_WITHOUT_EFFECT)
}

fn route(place: &str, event: Event, function: &str) -> Result<Route> {
    ensure!(
        event.kind == "HttpApi",
        "{place}: an event of the type {} is not modelled",
        event.kind
    );
    let HttpApiEvent { method, path } = read(place, event.properties, &["ApiId"])?;
    let method = method.to_uppercase();
    let is_modelled = path
        .strip_prefix('/')
        .is_some_and(|path| path.split('/').all(is_modelled));
    ensure!(
        is_modelled && method != "ANY",
        "{place}: the route {method} {path} is not modelled: a method, and literals and {{variables}} that are \
         whole segments of a path, are"
    );
    Ok(Route {
        method,
        path,
        function: function.to_owned(),
    })
}

/// Whether a segment of a path is a literal or a variable: `{name+}` is neither.
fn is_modelled(segment: &str) -> bool {
    let variable = segment
        .strip_prefix('{')
        .and_then(|segment| segment.strip_suffix('}'));
    let name = variable.unwrap_or(segment);
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

/// The value of a variable as a process sees it.
fn text(value: &Value) -> Result<String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(_) | Value::Bool(_) => Ok(value.to_string()),
        other => bail!("{other} is neither a literal nor a !Ref to a parameter that has a value"),
    }
}

/// Reads an object without the keys that have no effect here; any other that is not modelled is an error.
fn read<T: DeserializeOwned>(place: &str, mut value: Value, without_effect: &[&str]) -> Result<T> {
    if value.is_null() {
        value = Value::Object(serde_json::Map::new());
    }
    if let Value::Object(object) = &mut value {
        object.retain(|key, _| !without_effect.contains(&key.as_str()));
    }
    serde_json::from_value(value).with_context(|| place.to_owned())
}
