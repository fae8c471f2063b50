//! The sections of a template, as SAM defines them. A field that is not listed here is an error.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::Cors;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Sections {
    #[serde(default)]
    pub(super) parameters: BTreeMap<String, Value>,
    #[serde(default)]
    pub(super) globals: Globals,
    pub(super) resources: BTreeMap<String, Value>,
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
    pub(super) kind: String,
    #[serde(default)]
    pub(super) metadata: Metadata,
    #[serde(default)]
    pub(super) properties: Value,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Metadata {
    pub(super) build_properties: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct BuildProperties {
    pub(super) binary: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub(super) struct FunctionProperties {
    pub(super) timeout: Option<u64>,
    pub(super) memory_size: Option<u32>,
    pub(super) environment: EnvironmentProperty,
    pub(super) events: BTreeMap<String, Event>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub(super) struct EnvironmentProperty {
    pub(super) variables: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Event {
    #[serde(rename = "Type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) properties: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct HttpApiEvent {
    pub(super) method: Option<String>,
    pub(super) path: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub(super) struct ApiProperties {
    pub(super) cors_configuration: Option<Cors>,
}

/// Reads an object without the keys that have no effect here; any other that is not modelled is an
/// error.
pub(super) fn read<T: DeserializeOwned>(
    place: &str,
    mut value: Value,
    without_effect: &[&str],
) -> Result<T> {
    if value.is_null() {
        value = Value::Object(Map::new());
    }
    if let Value::Object(object) = &mut value {
        object.retain(|key, _| !without_effect.contains(&key.as_str()));
    }
    serde_json::from_value(value).with_context(|| place.to_owned())
}
