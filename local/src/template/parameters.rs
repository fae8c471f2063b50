//! The parameters of a template, and `!Ref`.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// The document with each `Ref` to a parameter replaced with its value: the one that is given, else
/// its default. Other functions stay.
pub(super) fn resolved(document: Value, given: impl Fn(&str) -> Option<String>) -> Result<Value> {
    let mut values = BTreeMap::new();
    for (name, declaration) in document["Parameters"].as_object().into_iter().flatten() {
        let default = match &declaration["Default"] {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        if let Some(text) = given(name).or(default) {
            let value = typed(&declaration["Type"], text);
            values.insert(
                name.clone(),
                value.with_context(|| format!("Parameters.{name}"))?,
            );
        }
    }
    Ok(resolve(document, &values))
}

fn typed(kind: &Value, text: String) -> Result<Value> {
    Ok(match kind.as_str() {
        Some("String") => Value::String(text),
        Some("Number") => Value::Number(text.parse().context(text)?),
        Some("CommaDelimitedList") => text
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(Value::from)
            .collect(),
        _ => bail!("parameters of the type {kind} are not modelled"),
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
            let resolved = |(key, value)| (key, resolve(value, parameters));
            object.into_iter().map(resolved).collect()
        }
        scalar => scalar,
    }
}
