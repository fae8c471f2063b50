//! Parameters of a template, and the functions that refer to them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// A parameter as the template declares it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Parameter {
    #[serde(rename = "Type")]
    kind: String,
    #[serde(default)]
    default: Option<Value>,
}

impl Parameter {
    /// The value of the parameter: the one given, else its default.
    pub(super) fn value(&self, given: Option<&str>) -> Option<Value> {
        let text = match (given, &self.default) {
            (Some(given), _) => given.to_owned(),
            (None, Some(Value::String(default))) => default.clone(),
            (None, Some(default)) => default.to_string(),
            (None, None) => return None,
        };
        let is_list = self.kind == "CommaDelimitedList" || self.kind.starts_with("List<");
        Some(if is_list {
            text.split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .map(Value::from)
                .collect()
        } else if self.kind == "Number" {
            serde_json::from_str(&text).unwrap_or(Value::String(text))
        } else {
            Value::String(text)
        })
    }
}

/// Puts the values of parameters in the place of `Ref` and `Fn::Sub`. What refers to anything else (a
/// resource, a pseudo parameter, another function) stays as it is.
pub(super) fn resolve(value: Value, parameters: &BTreeMap<String, Value>) -> Value {
    match value {
        Value::Array(items) => items
            .into_iter()
            .map(|item| resolve(item, parameters))
            .collect(),
        Value::Object(object) => {
            if object.len() == 1 {
                let referred = match object.iter().next() {
                    Some((key, Value::String(name))) if key == "Ref" => {
                        parameters.get(name).cloned()
                    }
                    Some((key, Value::String(text))) if key == "Fn::Sub" => {
                        substitute(text, parameters)
                    }
                    _ => None,
                };
                if let Some(value) = referred {
                    return value;
                }
            }
            object
                .into_iter()
                .map(|(key, value)| (key, resolve(value, parameters)))
                .collect()
        }
        plain => plain,
    }
}

/// The text with each `${Name}` replaced, if all of them are parameters with one value.
fn substitute(text: &str, parameters: &BTreeMap<String, Value>) -> Option<Value> {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}')?;
        result.push_str(before);
        match parameters.get(name)? {
            Value::String(value) => result.push_str(value),
            Value::Number(value) => result.push_str(&value.to_string()),
            _ => return None,
        }
        rest = after;
    }
    result.push_str(rest);
    Some(Value::String(result))
}
