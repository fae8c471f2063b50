//! The sample events of `tests/events`, as requests of any user.

use std::{fs, io};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// An event in API Gateway's payload format 2.0, made from an operation's sample event.
#[derive(Clone, Debug)]
pub struct SampleEvent(Value);

impl SampleEvent {
    /// The sample event of an operation (the name of its binary).
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn read(operation: &str) -> io::Result<Self> {
        let file = crate::root().join(format!("tests/events/{operation}.json"));
        let text = fs::read(&file).map_err(|error| {
            io::Error::new(error.kind(), format!("{}: {error}", file.display()))
        })?;
        Ok(Self(serde_json::from_slice(&text)?))
    }

    /// The route's path, such as `/api/v1/{user_id}/tasks`; empty when the sample is not a request.
    #[must_use]
    pub fn route(&self) -> &str {
        let key = self.0["routeKey"].as_str().unwrap_or_default();
        key.split_once(' ').map_or("", |(_, path)| path)
    }

    /// With this method. The route key still has the sample's method: functions do not read it.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        self.0["requestContext"]["http"]["method"] = json!(method);
        self
    }

    /// With this value of a variable in the path, if the route has the variable.
    #[must_use]
    pub fn path_parameter(mut self, name: &str, value: &str) -> Self {
        if let Some(parameter) = self.0["pathParameters"].get_mut(name) {
            *parameter = json!(value);
        }
        self
    }

    /// With this path.
    #[must_use]
    pub fn path(mut self, path: &str) -> Self {
        self.0["rawPath"] = json!(path);
        self
    }

    /// With this query.
    #[must_use]
    pub fn query(mut self, query: &str) -> Self {
        self.0["rawQueryString"] = json!(query);
        self
    }

    /// Without a header, which the sample may have.
    #[must_use]
    pub fn without_header(mut self, name: &str) -> Self {
        if let Some(headers) = self.0["headers"].as_object_mut() {
            headers.remove(name);
        }
        self
    }

    /// With another header. API Gateway joins the values of a repeated header with a comma.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let joined = match self.0["headers"][name].as_str() {
            Some(first) => format!("{first},{value}"),
            None => value.to_owned(),
        };
        self.0["headers"][name] = json!(joined);
        self
    }

    /// With this body, or with none. Bytes that are not UTF-8 are encoded in base64.
    #[must_use]
    pub fn body(mut self, body: Option<&[u8]>) -> Self {
        let text = body.map(std::str::from_utf8);
        self.0["isBase64Encoded"] = json!(matches!(text, Some(Err(_))));
        self.0["body"] = match (body, text) {
            (_, Some(Ok(text))) => json!(text),
            (Some(bytes), _) => json!(STANDARD.encode(bytes)),
            (None, _) => Value::Null,
        };
        self.without_header("content-length")
    }

    /// The event.
    #[must_use]
    pub fn into_value(self) -> Value {
        self.0
    }
}
