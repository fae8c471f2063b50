//! The parameters of a template, and `!Ref`.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;

/// A parameter as the template declares it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Declaration {
    #[serde(rename = "Type")]
    kind: String,
    default: Option<Value>,
}

/// The values of the parameters in `declared`: those that are given, else their defaults.
pub(super) fn values(
    declared: BTreeMap<String, Value>,
    given: impl Fn(&str) -> Option<String>,
) -> Result<BTreeMap<String, Value>> {
    let mut values = BTreeMap::new();
    for (name, declaration) in declared {
        let value = serde_json::from_value(declaration)
            .map_err(Into::into)
            .and_then(|declaration| value(declaration, given(&name)))
            .with_context(|| format!("Parameters.{name}"))?;
        values.extend(value.map(|value| (name, value)));
    }
    Ok(values)
}

fn value(declaration: Declaration, given: Option<String>) -> Result<Option<Value>> {
    let text = match (given, declaration.default) {
        (Some(given), _) => given,
        (None, Some(Value::String(default))) => default,
        (None, Some(default)) => default.to_string(),
        (None, None) => return Ok(None),
    };
    Ok(Some(match declaration.kind.as_str() {
        "String" => Value::String(text),
        "Number" => Value::Number(text.parse().with_context(|| format!("{text:?}"))?),
        "CommaDelimitedList" => text
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(Value::from)
            .collect(),
        other => bail!("parameters of the type {other} are not modelled"),
    }))
}

/// Replaces each `Ref` to a parameter with its value. Other functions stay.
pub(super) fn resolve(value: Value, parameters: &BTreeMap<String, Value>) -> Value {
    match value {
        Value::Array(items) => items
            .into_iter()
            .map(|item| resolve(item, parameters))
            .collect(),
        Value::Object(object) => {
            let name = object.get("Ref").and_then(Value::as_str);
            if let Some(value) = name.and_then(|name| parameters.get(name)) {
                return value.clone();
            }
            object
                .into_iter()
                .map(|(key, value)| (key, resolve(value, parameters)))
                .collect()
        }
        scalar => scalar,
    }
}
