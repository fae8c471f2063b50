//! HTTP: compressed for those who take it, and only sent to those who have it not.

use std::convert::Infallible;
use std::io::Read;

use axum::extract::FromRequestParts;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    HeaderName, HeaderValue, IF_NONE_MATCH, VARY,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use flate2::read::GzDecoder;

use crate::Document;

/// Scripts, styles and requests of this origin alone; Swagger UI's style sheet has its images in `data:`.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// RFC 9457 section 4.2.1: there is nothing more to say than the status does.
const NOT_FOUND: &str =
    r#"{"type":"about:blank","title":"Not Found","status":404,"detail":"There is no such page."}"#;

/// What a request asks for.
#[derive(Debug)]
pub struct Visit {
    document: Option<&'static Document>,
    takes_gzip: bool,
    has_it: bool,
}

/// What it gets.
#[derive(Debug)]
pub enum Answer {
    /// 200, with the document.
    Found {
        /// What was asked for.
        document: &'static Document,
        /// Whether it is sent as it is stored, or decompressed.
        gzip: bool,
    },
    /// 304: the client has it.
    NotModified(&'static Document),
    /// 404.
    NotFound,
}

impl Visit {
    /// What this request gets.
    #[must_use]
    pub fn answer(self) -> Answer {
        match self.document {
            None => Answer::NotFound,
            Some(document) if self.has_it => Answer::NotModified(document),
            Some(document) => Answer::Found {
                document,
                gzip: self.takes_gzip,
            },
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let document = Document::at(parts.uri.path());
        let has_it = document.is_some_and(|document| names(&parts.headers, document.etag));
        Ok(Self {
            document,
            takes_gzip: takes_gzip(&parts.headers),
            has_it,
        })
    }
}

/// The elements of a header that is a list; API Gateway joins repeated headers with commas.
fn list(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let values = headers
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

/// Whether `If-None-Match` names the entity tag, by weak comparison (RFC 9110 section 13.1.2).
fn names(headers: &HeaderMap, etag: &str) -> bool {
    let opaque = etag.trim_start_matches("W/");
    list(headers, IF_NONE_MATCH).any(|tag| tag == "*" || tag.trim_start_matches("W/") == opaque)
}

/// Whether `Accept-Encoding` has gzip, and not with `q=0` (RFC 9110 section 12.5.3).
fn takes_gzip(headers: &HeaderMap) -> bool {
    list(headers, ACCEPT_ENCODING).any(|element| {
        let (coding, weight) = element.split_once(';').unwrap_or((element, ""));
        let quality = weight
            .trim()
            .trim_start_matches("q=")
            .parse::<f32>()
            .unwrap_or(1.0);
        coding.trim().eq_ignore_ascii_case("gzip") && quality > 0.0
    })
}

impl Document {
    fn headers(&self) -> [(HeaderName, HeaderValue); 3] {
        [
            (CACHE_CONTROL, HeaderValue::from_static(self.cache_control)),
            (ETAG, HeaderValue::from_static(self.etag)),
            (VARY, HeaderValue::from_static("accept-encoding")),
        ]
    }

    /// Decompressed. What the build has compressed can be.
    fn plain(&self) -> Vec<u8> {
        let mut plain = Vec::new();
        let _ = GzDecoder::new(self.gzip).read_to_end(&mut plain);
        plain
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self {
            Self::Found { document, gzip } => {
                let content_type = [
                    (
                        CONTENT_TYPE,
                        HeaderValue::from_static(document.content_type),
                    ),
                    (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
                ];
                let head = (document.headers(), content_type);
                if gzip {
                    (
                        head,
                        [(CONTENT_ENCODING, HeaderValue::from_static("gzip"))],
                        document.gzip,
                    )
                        .into_response()
                } else {
                    (head, document.plain()).into_response()
                }
            }
            Self::NotModified(document) => {
                (StatusCode::NOT_MODIFIED, document.headers()).into_response()
            }
            Self::NotFound => {
                let content_type = HeaderValue::from_static("application/problem+json");
                (
                    StatusCode::NOT_FOUND,
                    [(CONTENT_TYPE, content_type)],
                    NOT_FOUND,
                )
                    .into_response()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn gzip_is_for_those_who_take_it() {
        for (value, expected) in [
            ("gzip", true),
            ("deflate, GZIP;q=0.5, br", true),
            ("br", false),
            ("gzip;q=0", false),
            ("gzip; q=0.0", false),
            ("identity", false),
            ("", false),
        ] {
            assert_eq!(
                takes_gzip(&headers(ACCEPT_ENCODING, value)),
                expected,
                "{value}"
            );
        }
    }

    #[test]
    fn an_entity_tag_is_compared_weakly() {
        for (value, expected) in [
            ("W/\"a\"", true),
            ("\"a\"", true),
            ("\"b\", W/\"a\"", true),
            ("*", true),
            ("a", false),
            ("\"b\"", false),
            ("", false),
        ] {
            assert_eq!(
                names(&headers(IF_NONE_MATCH, value), "W/\"a\""),
                expected,
                "{value}"
            );
        }
    }
}
