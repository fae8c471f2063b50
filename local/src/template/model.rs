//! The sections of a template as SAM defines them, and what they come to.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::parameters::{Parameter, resolve};
use super::{Cors, DEFAULT_ROUTE, Function, Route, Template};

/// What is wrong in a template, and where.
pub(super) struct Wrong {
    pub(super) place: String,
    pub(super) reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    #[serde(default)]
    globals: Globals,
    resources: BTreeMap<String, Resource>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Globals {
    function: FunctionProperties,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Resource {
    #[serde(rename = "Type")]
    kind: String,
    #[serde(default)]
    metadata: Value,
    #[serde(default)]
    properties: Value,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct FunctionProperties {
    timeout: Option<u64>,
    memory_size: Option<u32>,
    environment: Environment,
    events: BTreeMap<String, Event>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Environment {
    variables: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Event {
    #[serde(rename = "Type")]
    kind: String,
    #[serde(default)]
    properties: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HttpApiEvent {
    method: Option<String>,
    path: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BuildProperties {
    binary: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct HttpApiProperties {
    cors_configuration: Option<CorsConfiguration>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct CorsConfiguration {
    allow_origins: Vec<String>,
    allow_methods: Vec<String>,
    allow_headers: Vec<String>,
    expose_headers: Vec<String>,
    max_age: Option<u32>,
    allow_credentials: bool,
}

/// What the parsed YAML `value` comes to with the parameters `given`.
pub(super) fn template(value: Value, given: &BTreeMap<String, String>) -> Result<Template, Wrong> {
    let parameters = parameters(&value, given)?;
    let document: Document = read("the template", resolve(value, &parameters))?;
    let mut template = Template {
        functions: Vec::new(),
        routes: Vec::new(),
        cors: None,
    };
    for (id, resource) in document.resources {
        let place = format!("Resources.{id}");
        match resource.kind.as_str() {
            "AWS::Serverless::Function" => {
                function(
                    id,
                    &place,
                    resource,
                    &document.globals.function,
                    &mut template,
                )?;
            }
            "AWS::Serverless::HttpApi" if !resource.properties.is_null() => {
                let api: HttpApiProperties = read(&place, resource.properties)?;
                template.cors = api.cors_configuration.map(cors);
            }
            _ => {}
        }
    }
    Ok(template)
}

fn parameters(
    value: &Value,
    given: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, Value>, Wrong> {
    let declared = value
        .get("Parameters")
        .cloned()
        .unwrap_or_else(|| Value::Object(Map::new()));
    let declared: BTreeMap<String, Parameter> = read("Parameters", declared)?;
    if let Some(unknown) = given.keys().find(|name| !declared.contains_key(*name)) {
        return Err(Wrong {
            place: "Parameters".into(),
            reason: format!("there is no {unknown}"),
        });
    }
    Ok(declared
        .into_iter()
        .filter_map(|(name, parameter)| {
            let value = parameter.value(given.get(&name).map(String::as_str))?;
            Some((name, value))
        })
        .collect())
}

fn function(
    logical_id: String,
    place: &str,
    resource: Resource,
    globals: &FunctionProperties,
    template: &mut Template,
) -> Result<(), Wrong> {
    let build = resource
        .metadata
        .get("BuildProperties")
        .cloned()
        .unwrap_or_default();
    let BuildProperties { binary } = read(&format!("{place}.Metadata.BuildProperties"), build)?;
    let properties: FunctionProperties = match resource.properties {
        Value::Null => FunctionProperties::default(),
        properties => read(&format!("{place}.Properties"), properties)?,
    };
    for (name, event) in properties.events {
        if event.kind == "HttpApi" {
            let place = format!("{place}.Properties.Events.{name}");
            template
                .routes
                .push(route(&place, event.properties, &binary)?);
        }
    }
    let variables = globals
        .environment
        .variables
        .iter()
        .chain(&properties.environment.variables);
    template.functions.push(Function {
        logical_id,
        timeout: Duration::from_secs(properties.timeout.or(globals.timeout).unwrap_or(3)),
        memory_size: properties
            .memory_size
            .or(globals.memory_size)
            .unwrap_or(128),
        environment: variables
            .filter_map(|(name, value)| Some((name.clone(), text(value)?)))
            .collect(),
        binary,
    });
    Ok(())
}

/// An event without path and method is the API's default route, as SAM has it.
fn route(place: &str, properties: Value, function: &str) -> Result<Route, Wrong> {
    let properties = if properties.is_null() {
        Value::Object(Map::new())
    } else {
        properties
    };
    let event: HttpApiEvent = read(place, properties)?;
    let (method, path) = match (event.method, event.path) {
        (Some(method), Some(path)) => (method.to_uppercase(), path),
        (None, None) => ("ANY".to_owned(), DEFAULT_ROUTE.to_owned()),
        (Some(_), None) => {
            return Err(Wrong {
                place: place.into(),
                reason: "it has no Path".into(),
            });
        }
        (None, Some(_)) => {
            return Err(Wrong {
                place: place.into(),
                reason: "it has no Method".into(),
            });
        }
    };
    if path != DEFAULT_ROUTE && !path.starts_with('/') {
        return Err(Wrong {
            place: place.into(),
            reason: format!("Path {path} does not begin with /"),
        });
    }
    Ok(Route {
        method,
        path,
        function: function.to_owned(),
    })
}

fn cors(configuration: CorsConfiguration) -> Cors {
    Cors {
        allow_origins: configuration.allow_origins,
        allow_methods: configuration.allow_methods,
        allow_headers: configuration.allow_headers,
        expose_headers: configuration.expose_headers,
        max_age: configuration.max_age,
        allow_credentials: configuration.allow_credentials,
    }
}

/// A variable's value as a process has it; none when it refers to something that is not known here.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Array(items) => items
            .iter()
            .map(|item| item.as_str())
            .collect::<Option<Vec<_>>>()
            .map(|items| items.join(",")),
        Value::Null | Value::Object(_) => None,
    }
}

fn read<T: DeserializeOwned>(place: &str, value: Value) -> Result<T, Wrong> {
    serde_json::from_value(value).map_err(|error| Wrong {
        place: place.to_owned(),
        reason: error.to_string(),
    })
}
