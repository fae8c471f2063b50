//! Paths that end with a slash, which the former backend redirected to the same path without it.

use axum::http::request::Parts;
use lambda_http::RequestExt;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What needs no escape (RFC 3986, section 2.3).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The address of this request without the slash at the end of its path, if there is one; with the
/// query, in the order of its names.
///
/// API Gateway has decoded the path: in one, `%2F` has become a slash and stays one.
pub(crate) fn without_slash(parts: &Parts) -> Option<String> {
    let path = address(parts.raw_http_path())?;
    let query = parts.query_string_parameters_ref();
    let mut query: Vec<(&str, &str)> = query.into_iter().flat_map(|query| query.iter()).collect();
    query.sort_by_key(|(name, _)| *name);
    let pairs = query
        .iter()
        .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    let query = pairs.collect::<Vec<_>>().join("&");
    Some(if query.is_empty() {
        path
    } else {
        format!("{path}?{query}")
    })
}

/// The path without the one slash at its end, encoded. `//a` would be the address of a host.
fn address(path: &str) -> Option<String> {
    let path = path.strip_suffix('/')?;
    if path.starts_with("//") || !path.starts_with('/') || path.ends_with('/') {
        return None;
    }
    let segments = path.split('/').map(encoded);
    Some(segments.collect::<Vec<_>>().join("/"))
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn one_slash_at_the_end_is_left_out_and_no_address_leads_to_another_host() {
        for (path, expected) in [
            ("/health/", Some("/health")),
            (
                "/api/v1/auth0|5f7/tasks/",
                Some("/api/v1/auth0%7C5f7/tasks"),
            ),
            ("/api/v1/100%/tasks/", Some("/api/v1/100%25/tasks")),
            ("/\\evil.example/", Some("/%5Cevil.example")),
            ("/a\r\nset-cookie: b/", Some("/a%0D%0Aset-cookie%3A%20b")),
            ("/health", None),
            ("/health//", None),
            ("//evil.example/", None),
            ("evil.example/", None),
            ("//", None),
            ("/", None),
            ("", None),
        ] {
            assert_eq!(address(path).as_deref(), expected, "{path:?}");
        }
    }
}
