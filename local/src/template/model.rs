//! What the sections of a template amount to.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::parameters::resolved;
use super::sections::{
    ApiProperties, BuildProperties, Event, FunctionProperties, ResourceType, Sections, read,
};
use super::{Cors, Function, Route, Schedule, Template};

/// What the parsed YAML `document` deploys with the parameters that are `given`.
pub(super) fn template(
    document: Value,
    given: impl Fn(&str) -> Option<String>,
) -> Result<Template> {
    let document = resolved(document, given)?;
    let sections: Sections = serde_path_to_error::deserialize(document)?;
    let mut template = Template::default();
    let mut apis = 0;
    for (id, resource) in sections.resources {
        let place = format!("Resources.{id}.Properties");
        match resource.kind {
            ResourceType::Function => {
                let mut properties = sections.globals.function.clone();
                merge(&mut properties, resource.properties);
                let properties = read(&place, properties)?;
                let build = resource.metadata.build_properties;
                let build =
                    build.with_context(|| format!("Resources.{id}: it has no BuildProperties"))?;
                add_function(&mut template, id, build, properties)?;
            }
            ResourceType::HttpApi => {
                template.cors = cors(&place, resource.properties)?;
                apis += 1;
            }
            ResourceType::WithoutEffect => {}
        }
    }
    ensure!(
        apis <= 1,
        "Resources: more than one HttpApi is not modelled"
    );
    Ok(template)
}

/// Overrides global properties, also within maps, with the function's own.
fn merge(global: &mut Value, own: Value) {
    match (global, own) {
        (_, Value::Null) => {}
        (Value::Object(global), Value::Object(own)) => {
            for (name, value) in own {
                merge(global.entry(name).or_insert(Value::Null), value);
            }
        }
        (global, own) => *global = own,
    }
}

fn cors(place: &str, properties: Value) -> Result<Option<Cors>> {
    let api: ApiProperties = read(place, properties)?;
    let cors = api.cors_configuration;
    for origin in cors.iter().flat_map(|cors| &cors.allow_origins) {
        ensure!(
            !origin.contains('*'),
            "{place}: the wildcard origin {origin} is not modelled"
        );
    }
    Ok(cors)
}

fn add_function(
    template: &mut Template,
    logical_id: String,
    BuildProperties { binary }: BuildProperties,
    properties: FunctionProperties,
) -> Result<()> {
    for (name, event) in properties.events {
        let place = || format!("Resources.{logical_id}.Properties.Events.{name}");
        match event {
            Event::HttpApi { method, path, .. } => {
                let route = route(method, path, &binary).with_context(place)?;
                template.routes.push(route);
            }
            Event::Schedule { schedule } => template.schedules.push(Schedule {
                function: binary.clone(),
                interval: interval(&schedule).with_context(place)?,
            }),
        }
    }
    let variables = properties.environment.variables.into_iter();
    template.functions.push(Function {
        logical_id,
        binary,
        timeout: Duration::from_secs(properties.timeout.unwrap_or(3)),
        memory_size: properties.memory_size.unwrap_or(128),
        environment: variables.map(|(name, value)| (name, value.0)).collect(),
    });
    Ok(())
}

/// The interval of a rate such as `rate(1 day)`.
fn interval(schedule: &str) -> Result<Duration> {
    let rate = schedule
        .strip_prefix("rate(")
        .and_then(|rate| rate.strip_suffix(')'));
    let (count, unit) = rate
        .and_then(|rate| rate.split_once(' '))
        .unwrap_or_default();
    let seconds = match unit.trim_end_matches('s') {
        "minute" => 60,
        "hour" => 3600,
        "day" => 86_400,
        _ => 0,
    };
    let interval = Duration::from_secs(seconds) * count.parse().unwrap_or(0);
    ensure!(
        !interval.is_zero(),
        "the schedule {schedule} is not modelled, only a rate"
    );
    Ok(interval)
}

fn route(method: Option<String>, path: Option<String>, function: &str) -> Result<Route> {
    let (method, path) = match (method, path) {
        (Some(method), Some(path)) => (method.to_uppercase(), path),
        (None, None) => {
            return Ok(Route {
                method: String::new(),
                path: Route::DEFAULT.to_owned(),
                function: function.to_owned(),
            });
        }
        (Some(_), None) => bail!("missing field `Path`"),
        (None, Some(_)) => bail!("missing field `Method`"),
    };
    let is_modelled = path
        .strip_prefix('/')
        .is_some_and(|path| path.split('/').all(is_modelled));
    ensure!(
        is_modelled && method != "ANY",
        "the route {method} {path} is not modelled, only a method and a path of literals and \
         {{variables}}"
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
