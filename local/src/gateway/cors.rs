//! CORS, answered by API Gateway alone.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html>

use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN,
    VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::template::Cors;

/// Whether it is a preflight request, which API Gateway answers itself, regardless of the routes.
pub(super) fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS
        && headers.contains_key(ORIGIN)
        && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// The response to a preflight request. Unless the origin is allowed it has no CORS headers, and
/// the browser refuses. That it is 204 in both cases is only observed.
pub(super) fn preflight(cors: &Cors, origin: Option<&HeaderValue>) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    if allow(cors, origin, headers) {
        let max_age = cors.max_age.map(|seconds| seconds.to_string());
        let methods = cors.allow_methods.join(",");
        insert(headers, ACCESS_CONTROL_ALLOW_METHODS, &methods);
        let names = cors.allow_headers.join(",");
        insert(headers, ACCESS_CONTROL_ALLOW_HEADERS, &names);
        insert(
            headers,
            ACCESS_CONTROL_MAX_AGE,
            &max_age.unwrap_or_default(),
        );
    }
    response
}

/// Sets the CORS headers of any other response. Those of the function are ignored, as documented.
pub(super) fn decorate(cors: &Cors, origin: Option<&HeaderValue>, headers: &mut HeaderMap) {
    let names: Vec<HeaderName> = headers.keys().cloned().collect();
    for name in names
        .iter()
        .filter(|name| name.as_str().starts_with("access-control-"))
    {
        headers.remove(name);
    }
    if allow(cors, origin, headers) {
        let names = cors.expose_headers.join(",");
        insert(headers, ACCESS_CONTROL_EXPOSE_HEADERS, &names);
    }
}

/// Allows the origin, if there is one and it is among those that may call the API.
fn allow(cors: &Cors, origin: Option<&HeaderValue>, headers: &mut HeaderMap) -> bool {
    let is_allowed =
        |origin: &&HeaderValue| cors.allow_origins.iter().any(|allowed| *origin == allowed);
    let Some(origin) = origin.filter(is_allowed) else {
        return false;
    };
    headers.append(VARY, HeaderValue::from_static("origin"));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    true
}

/// Sets a header unless its value is empty.
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
        }
    }

    #[test]
    fn a_preflight_from_an_allowed_origin_says_what_is_allowed() {
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
    fn a_preflight_from_another_origin_says_nothing() {
        let origin = HeaderValue::from_static("https://b.example");

        let response = preflight(&cors(&["https://a.example"]), Some(&origin));

        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        assert!(response.headers().is_empty());
    }

    #[test]
    fn only_the_listed_origins_are_allowed() {
        let cors = cors(&["https://a.example", "https://b.example"]);
        let cases = [
            (Some("https://b.example"), true),
            (Some("https://b.example.evil"), false),
            (Some("http://b.example"), false),
            (Some("null"), false),
            (None, false),
        ];

        for (origin, expected) in cases {
            let origin = origin.map(HeaderValue::from_static);
            let mut headers = HeaderMap::new();
            assert_eq!(
                allow(&cors, origin.as_ref(), &mut headers),
                expected,
                "{origin:?}"
            );
            assert_eq!(
                headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN),
                expected,
                "{origin:?}"
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
