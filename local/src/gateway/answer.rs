//! A function's response, as HTTP.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html#http-api-develop-integrations-lambda.response>

use std::collections::HashMap;

use anyhow::{Result, ensure};
use axum::Json;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;

/// What a function answers to API Gateway. `multiValueHeaders`, which the runtime sends too,
/// belongs to payload format 1.0, and API Gateway ignores it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProxyResponse {
    status_code: u16,
    #[serde(default)]
    headers: HashMap<String, String>,
    #[serde(default)]
    cookies: Vec<String>,
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

/// A response of API Gateway itself.
pub(super) fn own(status: StatusCode) -> Response {
    let message = match status {
        // Its name before RFC 9110.
        StatusCode::PAYLOAD_TOO_LARGE => "Request Entity Too Large",
        other => other.canonical_reason().unwrap_or_default(),
    };
    (status, Json(json!({ "message": message }))).into_response()
}

/// The function's response.
///
/// Only observed: a response without a content type is `text/plain`.
///
/// # Errors
///
/// When API Gateway would not understand it, and when it is one that is not modelled: API Gateway
/// also takes cookies, and JSON without a status code, which no function here answers.
pub(super) fn convert(payload: &[u8]) -> Result<Response> {
    let answer: ProxyResponse = serde_json::from_slice(payload)?;
    ensure!(answer.cookies.is_empty(), "cookies are not modelled");
    let body = answer.body.unwrap_or_default();
    let body = if answer.is_base64_encoded {
        STANDARD.decode(body)?
    } else {
        body.into_bytes()
    };
    let mut headers = HeaderMap::try_from(&answer.headers)?;
    // The length of the body that is sent counts, not what the function says.
    headers.remove(CONTENT_LENGTH);
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    headers.entry(CONTENT_TYPE).or_insert(plain);
    let status = StatusCode::from_u16(answer.status_code)?;
    Ok((status, headers, body).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn status_headers_and_body_are_the_functions() {
        let payload =
            br#"{"statusCode": 201, "headers": {"Location": "/a", "x-count": "2", "content-length": "9"},
                 "multiValueHeaders": {"x": ["y"]}, "cookies": [], "body": "aGk=", "isBase64Encoded": true}"#;

        let (parts, body) = convert(payload).unwrap().into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();

        assert_eq!(
            (parts.status.as_u16(), body.as_ref()),
            (201, b"hi".as_slice())
        );
        let expected = [
            ("content-type", "text/plain; charset=utf-8"),
            ("location", "/a"),
            ("x-count", "2"),
        ];
        for (name, value) in expected {
            assert_eq!(parts.headers[name], value);
        }
        assert_eq!(parts.headers.len(), expected.len());
    }

    #[test]
    fn a_response_that_is_malformed_or_not_modelled_is_an_error() {
        let cases = [
            "no JSON",
            r#"{"a": 1}"#,
            r#"{"statusCode": "abc"}"#,
            r#"{"statusCode": 42}"#,
            r#"{"statusCode": 200, "body": {"a": 1}}"#,
            r#"{"statusCode": 200, "body": "%", "isBase64Encoded": true}"#,
            r#"{"statusCode": 200, "headers": {"a b": "c"}}"#,
            r#"{"statusCode": 200, "cookies": ["a=1"]}"#,
        ];

        for payload in cases {
            assert!(convert(payload.as_bytes()).is_err(), "{payload}");
        }
    }
}
