//! What the sections of a template amount to.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::parameters::{resolve, values};
use super::sections::{
    ApiProperties, BuildProperties, Event, FunctionProperties, HttpApiEvent, Resource, Sections,
    read,
};
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
/// Properties of the API that no request depends on here. Throttling is one of them, and AWS's own
/// address of the API another: here it has neither that nor a domain.
const API_PROPERTIES_WITHOUT_EFFECT: [&str; 4] = [
    "AccessLogSettings",
    "DefaultRouteSettings",
    "DisableExecuteApiEndpoint",
    "FailOnWarnings",
];

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
        let resource: Resource = read(&place, resolve(resource, &parameters), &[])?;
        match resource.kind.as_str() {
            "AWS::Serverless::Function" => function(id, resource, &globals, &mut template)?,
            "AWS::Serverless::HttpApi" => {
                let place = format!("{place}.Properties");
                template.cors = api(&place, resource.properties)?;
            }
            kind => {
                let is_known = RESOURCES_WITHOUT_EFFECT.contains(&kind);
                ensure!(
                    is_known,
                    "{place}: a resource of the type {kind} is not modelled"
                );
            }
        }
    }
    Ok(template)
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
    let (method, path) = match read(place, event.properties, &["ApiId"])? {
        HttpApiEvent {
            method: Some(method),
            path: Some(path),
        } => (method.to_uppercase(), path),
        HttpApiEvent {
            method: None,
            path: None,
        } => {
            return Ok(Route {
                method: String::new(),
                path: Route::DEFAULT.to_owned(),
                function: function.to_owned(),
            });
        }
        HttpApiEvent { path: None, .. } => bail!("{place}: missing field `Path`"),
        HttpApiEvent { method: None, .. } => bail!("{place}: missing field `Method`"),
    };
    let is_modelled = path
        .strip_prefix('/')
        .is_some_and(|path| path.split('/').all(is_modelled));
    ensure!(
        is_modelled && method != "ANY",
        "{place}: the route {method} {path} is not modelled, only a method and a path of literals \
         and {{variables}}"
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
