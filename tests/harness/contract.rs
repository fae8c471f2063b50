//! openapi.yaml. Every reply in a test is compared with it, so that the document cannot drift from
//! the service.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::Validator;
use serde_json::{Value, json};

use super::Reply;
use super::root;

/// Headers that every reply may have.
const ALWAYS: [&str; 12] = [
    "access-control-allow-credentials",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "apigw-requestid",
    "cache-control",
    "connection",
    "content-length",
    "content-type",
    "date",
    "strict-transport-security",
    "vary",
    "x-content-type-options",
];

static CONTRACT: LazyLock<Contract> = LazyLock::new(Contract::read);

/// Panics unless openapi.yaml documents this reply to a request with this method and path.
#[track_caller]
pub fn assert_documented(method: &str, path: &str, body: Option<&[u8]>, answer: &Reply) {
    let path = path.split('?').next().unwrap();
    let Some(operation) = CONTRACT.operation(method, path) else {
        let by_the_gateway = matches!(answer.status, 204 | 307 | 400 | 403 | 404 | 413);
        assert!(
            by_the_gateway,
            "{method} {path} is not in openapi.yaml: {answer:?}"
        );
        return;
    };
    let response = CONTRACT.resolve(&format!("{operation}/responses/{}", answer.status));
    let response =
        response.unwrap_or_else(|| panic!("{method} {path}: undocumented status: {answer:?}"));
    CONTRACT.assert_headers(&response, answer);
    if method == "HEAD" {
        assert_eq!(answer.body, "", "the answer to HEAD has no body");
    } else {
        CONTRACT.assert_body(&response, answer);
    }
    if let (200..300, Some(body)) = (
        answer.status,
        body.filter(|body| !body.is_empty() && !is_refused(answer)),
    ) {
        let schema = CONTRACT.resolve(&format!(
            "{operation}/requestBody/content/application~1json/schema"
        ));
        let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
        if body.is_empty() {
            return;
        }
        let body = serde_json::from_slice(body).unwrap();
        CONTRACT.assert_valid(
            &schema.unwrap(),
            &body,
            &format!("the body of {method} {path}"),
        );
    }
}

/// Whether operations of a batch failed, which does not make the whole request an error.
fn is_refused(answer: &Reply) -> bool {
    let json: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    json["results"]
        .as_array()
        .is_some_and(|results| results.iter().any(|result| result["problem"].is_object()))
}

struct Contract {
    document: Value,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

impl Contract {
    fn read() -> Self {
        let text = std::fs::read_to_string(root().join("openapi.yaml")).unwrap();
        let mut document: Value = serde_saphyr::from_str(&text).unwrap();
        close(&mut document["components"]["schemas"]);
        Self {
            document,
            validators: Mutex::default(),
        }
    }

    /// The JSON Pointer to the operation. Of the paths that match, API Gateway prefers the one with
    /// the fewest parameters.
    fn operation(&self, method: &str, path: &str) -> Option<String> {
        let paths = self.document["paths"].as_object().unwrap().keys();
        let fitting = paths.filter(|template| fits(template, path));
        let template = fitting.min_by_key(|template| template.matches('{').count())?;
        let method = method.to_lowercase();
        let documented = self.document["paths"][template].get(&method).is_some();
        documented.then(|| format!("/paths/{}/{method}", template.replace('/', "~1")))
    }

    /// Follows the reference at a pointer, if there is one.
    fn resolve(&self, pointer: &str) -> Option<String> {
        match self.document.pointer(pointer)?["$ref"].as_str() {
            Some(reference) if !pointer.contains("schema") => self.resolve(&reference[1..]),
            _ => Some(pointer.to_owned()),
        }
    }

    fn assert_headers(&self, response: &str, answer: &Reply) {
        let empty = json!({});
        let documented = self
            .document
            .pointer(&format!("{response}/headers"))
            .unwrap_or(&empty);
        for name in documented.as_object().unwrap().keys() {
            let header = self.resolve(&format!("{response}/headers/{name}")).unwrap();
            let required = self.document.pointer(&header).unwrap()["required"] == true;
            match answer.header(name) {
                Some(value) => {
                    let number = value.parse::<u64>().map(Value::from);
                    let value = number.unwrap_or_else(|_| json!(value));
                    self.assert_valid(&format!("{header}/schema"), &value, name);
                }
                None => assert!(!required, "{name} is missing: {answer:?}"),
            }
        }
        for (name, _) in &answer.headers {
            let known = ALWAYS.contains(&name.as_str())
                || documented
                    .as_object()
                    .unwrap()
                    .keys()
                    .any(|documented| documented.eq_ignore_ascii_case(name));
            assert!(known, "{name} is not in openapi.yaml: {answer:?}");
        }
    }

    fn assert_body(&self, response: &str, answer: &Reply) {
        let Some(content) = self.document.pointer(&format!("{response}/content")) else {
            assert_eq!(answer.body, "", "no body is documented");
            return;
        };
        let content_type = answer.header("content-type").unwrap_or_default();
        let essence = content_type.split(';').next().unwrap();
        assert!(
            content.get(essence).is_some() || content.get(content_type).is_some(),
            "{essence} is not in openapi.yaml: {answer:?}"
        );
        if essence.ends_with("json") {
            let schema = format!("{response}/content/{}/schema", essence.replace('/', "~1"));
            self.assert_valid(&schema, &answer.json(), response);
        }
    }

    fn assert_valid(&self, schema: &str, value: &Value, what: &str) {
        let errors: Vec<_> = self
            .validator(schema)
            .iter_errors(value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(
            errors.is_empty(),
            "{what} does not match openapi.yaml: {errors:#?}\n{value}"
        );
    }

    /// A validator for a schema, with the whole document, because schemas refer to each other.
    fn validator(&self, schema: &str) -> Arc<Validator> {
        let mut validators = self.validators.lock().unwrap();
        let validator = validators.entry(schema.to_owned()).or_insert_with(|| {
            let mut root = self.document.clone();
            // A URI cannot contain the braces of a path's parameters.
            root["$ref"] = json!(format!(
                "#{}",
                schema.replace('{', "%7B").replace('}', "%7D")
            ));
            let options = jsonschema::options().with_draft(jsonschema::Draft::Draft202012);
            Arc::new(options.should_validate_formats(true).build(&root).unwrap())
        });
        Arc::clone(validator)
    }
}

/// Closes the objects in replies. For clients they are open, because members may be added; here, a
/// member that is served without being documented is an error.
fn close(schemas: &mut Value) {
    for (name, schema) in schemas.as_object_mut().unwrap() {
        // Other schemas extend this one.
        let is_part = name == "Problem";
        if !is_part && (schema.get("properties").is_some() || schema.get("allOf").is_some()) {
            schema["unevaluatedProperties"] = json!(false);
        }
    }
}

/// Whether a path matches a template. A parameter is never empty.
fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) =
        (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template.iter().zip(path).all(|(part, segment)| {
            (part.starts_with('{') && !segment.is_empty()) || *part == segment
        })
}
