//! What a function answers, as HTTP.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html#http-api-develop-integrations-lambda.response>

use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: Status,
    #[serde(default)]
    headers: Option<Map<String, Value>>,
    #[serde(default)]
    cookies: Option<Vec<String>>,
    #[serde(default)]
    body: Option<Value>,
    #[serde(default)]
    is_base64_encoded: bool,
}

/// A status code, which may be written as text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Status {
    Number(u16),
    Text(String),
}

/// An answer of API Gateway itself.
pub(super) fn own(status: StatusCode, message: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(
        serde_json::json!({ "message": message }).to_string(),
    ));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The answer to a request whose function failed, or answered what API Gateway does not understand.
pub(super) fn failure() -> Response<Body> {
    own(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
}

/// The function's answer. None when API Gateway does not understand it.
///
/// Documented: without a status code, JSON is taken for the body of a 200 answer of type
/// `application/json`. Only observed: an answer that is a JSON string is that text, one with a status code
/// and no type is `text/plain`, and header values may be numbers and booleans.
pub(super) fn convert(payload: &[u8]) -> Option<Response<Body>> {
    let value: Value = serde_json::from_slice(payload).ok()?;
    if value.get("statusCode").is_none() {
        let body = match value {
            Value::String(text) => text.into_bytes(),
            _ => payload.to_vec(),
        };
        let mut response = Response::new(Body::from(body));
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        return Some(response);
    }
    let answer: Answer = serde_json::from_value(value).ok()?;
    let status = match answer.status_code {
        Status::Number(code) => StatusCode::from_u16(code).ok()?,
        Status::Text(code) => code.parse().ok()?,
    };
    let mut response = Response::new(Body::from(body(answer.body, answer.is_base64_encoded)?));
    *response.status_mut() = status;
    *response.headers_mut() = headers(
        answer.headers.unwrap_or_default(),
        answer.cookies.unwrap_or_default(),
    )?;
    Some(response)
}

fn body(body: Option<Value>, is_base64_encoded: bool) -> Option<Vec<u8>> {
    let text = match body {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text,
        Some(_) => return None,
    };
    if is_base64_encoded {
        STANDARD.decode(text).ok()
    } else {
        Some(text.into_bytes())
    }
}

fn headers(given: Map<String, Value>, cookies: Vec<String>) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    for (name, value) in given {
        let value = match value {
            Value::String(text) => text,
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            _ => return None,
        };
        headers.insert(
            HeaderName::try_from(name).ok()?,
            HeaderValue::try_from(value).ok()?,
        );
    }
    // That of the body that is sent, which is not always the function's.
    headers.remove(CONTENT_LENGTH);
    for cookie in cookies {
        headers.append(SET_COOKIE, HeaderValue::try_from(cookie).ok()?);
    }
    Some(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(response: Response<Body>) -> (u16, HeaderMap, String) {
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        (
            parts.status.as_u16(),
            parts.headers,
            String::from_utf8(body.to_vec()).unwrap(),
        )
    }

    #[tokio::test]
    async fn status_headers_cookies_and_body_are_the_functions() {
        let payload =
            br#"{"statusCode": 201, "headers": {"Location": "/a", "x-count": 2, "content-length": "9"},
                          "cookies": ["a=1", "b=2"], "body": "aGk=", "isBase64Encoded": true}"#;

        let (status, headers, body) = read(convert(payload).unwrap()).await;

        assert_eq!((status, body.as_str()), (201, "hi"));
        assert_eq!(headers["location"], "/a");
        assert_eq!(headers["x-count"], "2");
        assert_eq!(headers["content-type"], "text/plain; charset=utf-8");
        assert_eq!(
            headers.get_all(SET_COOKIE).iter().collect::<Vec<_>>(),
            ["a=1", "b=2"]
        );
        assert!(!headers.contains_key(CONTENT_LENGTH));
    }

    #[tokio::test]
    async fn an_answer_without_a_status_is_the_body_itself() {
        let cases = [
            (r#"{"a": 1}"#, r#"{"a": 1}"#),
            (r#""text""#, "text"),
            ("[1]", "[1]"),
            ("null", "null"),
        ];

        for (payload, expected) in cases {
            let (status, headers, body) = read(convert(payload.as_bytes()).unwrap()).await;
            assert_eq!((status, body.as_str()), (200, expected));
            assert_eq!(headers["content-type"], "application/json");
        }
    }

    #[test]
    fn a_malformed_answer_is_none() {
        let cases = [
            "no JSON",
            r#"{"statusCode": "abc"}"#,
            r#"{"statusCode": 42}"#,
            r#"{"statusCode": 200, "body": {"a": 1}}"#,
            r#"{"statusCode": 200, "body": "%", "isBase64Encoded": true}"#,
            r#"{"statusCode": 200, "headers": {"a b": "c"}}"#,
        ];

        for payload in cases {
            assert!(convert(payload.as_bytes()).is_none(), "{payload}");
        }
    }
}
