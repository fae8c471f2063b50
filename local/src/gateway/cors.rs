//! CORS, answered by API Gateway alone.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html>

use axum::body::Body;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};

use crate::template::Cors;

/// Whether it is a preflight request, which API Gateway answers whatever routes there are.
pub(super) fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS
        && headers.contains_key(ORIGIN)
        && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// The answer to a preflight request: without CORS headers, which a browser takes for a no, unless the
/// origin is allowed. That it is 204 in both cases is only observed.
pub(super) fn preflight(cors: &Cors, origin: Option<&HeaderValue>) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    if let Some(origin) = allowed(cors, origin) {
        allow(cors, origin, headers);
        insert(
            headers,
            ACCESS_CONTROL_ALLOW_METHODS,
            &cors.allow_methods.join(","),
        );
        insert(
            headers,
            ACCESS_CONTROL_ALLOW_HEADERS,
            &cors.allow_headers.join(","),
        );
        insert(
            headers,
            ACCESS_CONTROL_MAX_AGE,
            &cors.max_age.map(|age| age.to_string()).unwrap_or_default(),
        );
    }
    response
}

/// Sets the CORS headers of any other answer. Those of the function are ignored, as documented.
pub(super) fn decorate(cors: &Cors, origin: Option<&HeaderValue>, headers: &mut HeaderMap) {
    let own: Vec<HeaderName> = headers
        .keys()
        .filter(|name| name.as_str().starts_with("access-control-"))
        .cloned()
        .collect();
    for name in own {
        headers.remove(name);
    }
    if let Some(origin) = allowed(cors, origin) {
        allow(cors, origin, headers);
        insert(
            headers,
            ACCESS_CONTROL_EXPOSE_HEADERS,
            &cors.expose_headers.join(","),
        );
    }
}

fn allow(cors: &Cors, origin: HeaderValue, headers: &mut HeaderMap) {
    if origin != "*" {
        headers.append(VARY, HeaderValue::from_static("origin"));
    }
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    if cors.allow_credentials {
        headers.insert(
            ACCESS_CONTROL_ALLOW_CREDENTIALS,
            HeaderValue::from_static("true"),
        );
    }
}

/// The value of `access-control-allow-origin`, if there is an origin and it is allowed.
fn allowed(cors: &Cors, origin: Option<&HeaderValue>) -> Option<HeaderValue> {
    let origin = origin?;
    let text = origin.to_str().ok()?;
    let mut value = None;
    for pattern in &cors.allow_origins {
        match pattern.strip_suffix('*') {
            Some("") => return Some(HeaderValue::from_static("*")),
            Some(prefix) if text.starts_with(prefix) => value = Some(origin.clone()),
            None if pattern == text => value = Some(origin.clone()),
            _ => {}
        }
    }
    value
}

/// Sets a header that has something to say.
fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value)
        && !value.is_empty()
    {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cors(origins: &[&str]) -> Cors {
        let owned = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
        Cors {
            allow_origins: owned(origins),
            allow_methods: owned(&["GET", "POST"]),
            allow_headers: owned(&["authorization", "content-type"]),
            expose_headers: owned(&["location"]),
            max_age: Some(600),
            allow_credentials: false,
        }
    }

    #[test]
    fn a_preflight_of_an_allowed_origin_is_told_what_is_allowed() {
        let origin = HeaderValue::from_static("https://a.example");

        let response = preflight(&cors(&["https://a.example"]), Some(&origin));

        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        let headers = response.headers();
        assert_eq!(headers[ACCESS_CONTROL_ALLOW_ORIGIN], "https://a.example");
        assert_eq!(headers[ACCESS_CONTROL_ALLOW_METHODS], "GET,POST");
        assert_eq!(
            headers[ACCESS_CONTROL_ALLOW_HEADERS],
            "authorization,content-type"
        );
        assert_eq!(headers[ACCESS_CONTROL_MAX_AGE], "600");
        assert_eq!(headers[VARY], "origin");
    }

    #[test]
    fn a_preflight_of_another_origin_is_told_nothing() {
        let origin = HeaderValue::from_static("https://b.example");

        let response = preflight(&cors(&["https://a.example"]), Some(&origin));

        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        assert!(response.headers().is_empty());
    }

    #[test]
    fn an_origin_is_allowed_by_itself_its_scheme_or_an_asterisk() {
        let cases = [
            (
                ["https://a.example", "https://b.example"],
                Some("https://b.example"),
            ),
            (
                ["https://a.example", "https://*"],
                Some("https://b.example"),
            ),
            (["https://*", "*"], Some("*")),
            (["https://a.example", "http://*"], None),
        ];

        for (origins, expected) in cases {
            let origin = HeaderValue::from_static("https://b.example");
            let value = allowed(&cors(&origins), Some(&origin));
            assert_eq!(
                value.as_ref().map(|value| value.to_str().unwrap()),
                expected,
                "{origins:?}"
            );
        }
    }

    #[test]
    fn the_functions_own_cors_headers_are_replaced() {
        let mut headers = HeaderMap::new();
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("*"));
        let origin = HeaderValue::from_static("https://a.example");

        decorate(&cors(&["https://a.example"]), Some(&origin), &mut headers);
        assert_eq!(headers[ACCESS_CONTROL_ALLOW_ORIGIN], "https://a.example");
        assert_eq!(headers[ACCESS_CONTROL_EXPOSE_HEADERS], "location");
        assert!(!headers.contains_key(ACCESS_CONTROL_ALLOW_METHODS));

        decorate(&cors(&["https://b.example"]), Some(&origin), &mut headers);
        assert!(!headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN));
    }
}
