//! The parameters of a template, and `!Ref`.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Parameters {
    #[serde(default)]
    parameters: BTreeMap<String, Declaration>,
}

/// A parameter as the template declares it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Declaration {
    #[serde(rename = "Type")]
    kind: ParameterType,
    default: Option<Value>,
}

#[derive(Deserialize)]
enum ParameterType {
    String,
    Number,
    CommaDelimitedList,
}

/// The document with each `Ref` to a parameter replaced with its value: the one that is given, else
/// its default. Other functions stay.
pub(super) fn resolved(document: Value, given: impl Fn(&str) -> Option<String>) -> Result<Value> {
    let Parameters { parameters } = serde_path_to_error::deserialize(&document)?;
    let mut values = BTreeMap::new();
    for (name, declaration) in parameters {
        let text = match (given(&name), declaration.default) {
            (Some(given), _) => given,
            (None, Some(Value::String(default))) => default,
            (None, Some(default)) => default.to_string(),
            (None, None) => continue,
        };
        let value = typed(&declaration.kind, text).with_context(|| format!("Parameters.{name}"))?;
        values.insert(name, value);
    }
    Ok(resolve(document, &values))
}

fn typed(kind: &ParameterType, text: String) -> Result<Value> {
    Ok(match kind {
        ParameterType::String => Value::String(text),
        ParameterType::Number => Value::Number(text.parse().with_context(|| format!("{text:?}"))?),
        ParameterType::CommaDelimitedList => text
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(Value::from)
            .collect(),
    })
}

fn resolve(value: Value, parameters: &BTreeMap<String, Value>) -> Value {
    match value {
        Value::Array(items) => {
            let items = items.into_iter().map(|item| resolve(item, parameters));
            items.collect()
        }
        Value::Object(object) => {
            let name = object.get("Ref").and_then(Value::as_str);
            if let Some(value) = name.and_then(|name| parameters.get(name)) {
                return value.clone();
            }
            let entries = object.into_iter();
            entries
                .map(|(key, value)| (key, resolve(value, parameters)))
                .collect()
        }
        scalar => scalar,
    }
}
