//! HTTP: a document is sent compressed to clients that accept it, and not at all to clients that
//! have it. A path that ends with a slash is redirected.

use std::convert::Infallible;
use std::io::Read;

use axum::extract::FromRequestParts;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH, LOCATION, VARY,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use flate2::read::GzDecoder;

use crate::SiteFile;
use crate::redirect::without_slash;

/// Allows scripts, styles and requests only from this origin. Swagger UI's style sheet has images
/// in `data:`.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The status says everything, so the type is `about:blank` (RFC 9457, section 4.2.1).
const NOT_FOUND: &str =
    r#"{"type":"about:blank","title":"Not Found","status":404,"detail":"There is no such page."}"#;

const PRECONDITION_FAILED: &str = r#"{"type":"about:blank","title":"Precondition Failed","status":412,"detail":"The page is not the one that If-Match requires."}"#;

/// A request for a document.
#[derive(Debug)]
pub struct Visit {
    document: Option<&'static SiteFile>,
    without_slash: Option<String>,
    takes_gzip: bool,
    has_it: bool,
    requires_other: bool,
}

/// The answer to a request.
#[derive(Debug)]
pub enum Answer {
    /// 200, with the document.
    Found {
        /// The requested document.
        document: &'static SiteFile,
        /// Whether it is sent compressed, as it is stored, or decompressed.
        gzip: bool,
    },
    /// 304: the client already has it.
    NotModified(&'static SiteFile),
    /// 412: the client requires another version.
    PreconditionFailed,
    /// 307: the address without the slash at its end.
    Elsewhere(String),
    /// 404.
    NotFound,
}

impl Visit {
    /// The answer to this request.
    #[must_use]
    pub fn answer(self) -> Answer {
        match self.document {
            None => self
                .without_slash
                .map_or(Answer::NotFound, Answer::Elsewhere),
            Some(_) if self.requires_other => Answer::PreconditionFailed,
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
        let is_read = matches!(parts.method, Method::GET | Method::HEAD);
        let document = SiteFile::at(parts.uri.path()).filter(|_| is_read);
        let has_it = document.is_some_and(|document| names(&parts.headers, document.etag));
        Ok(Self {
            document,
            without_slash: without_slash(parts),
            takes_gzip: takes_gzip(&parts.headers),
            has_it,
            requires_other: requires_other(&parts.headers),
        })
    }
}

/// The elements of a header whose value is a list. API Gateway joins repeated headers with commas.
fn list(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let values = headers
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

/// Whether `If-None-Match` contains the entity tag, by weak comparison (RFC 9110, section 13.1.2).
fn names(headers: &HeaderMap, etag: &str) -> bool {
    let opaque = etag.trim_start_matches("W/");
    list(headers, IF_NONE_MATCH).any(|tag| tag == "*" || tag.trim_start_matches("W/") == opaque)
}

/// Whether there is an `If-Match` other than `*`. None names a document, because its tag is weak and
/// the comparison is strong (RFC 9110, section 13.1.1).
fn requires_other(headers: &HeaderMap) -> bool {
    headers.contains_key(IF_MATCH) && !list(headers, IF_MATCH).any(|tag| tag == "*")
}

/// Whether `Accept-Encoding` contains gzip without `q=0` (RFC 9110, section 12.5.3).
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

impl SiteFile {
    /// What the 200 and the 304 both have. The content type is among them because API Gateway adds
    /// `text/plain` to an answer without one, and a cache that revalidates stores the headers of the
    /// 304 (RFC 9111, section 3.2).
    fn headers(&self) -> [(HeaderName, HeaderValue); 4] {
        [
            (CONTENT_TYPE, HeaderValue::from_static(self.content_type)),
            (CACHE_CONTROL, HeaderValue::from_static(self.cache_control)),
            (ETAG, HeaderValue::from_static(self.etag)),
            (VARY, HeaderValue::from_static("accept-encoding")),
        ]
    }

    /// The decompressed content. What the build has compressed can always be decompressed.
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
                let policy = [(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY))];
                let head = (document.headers(), policy);
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
            Self::Elsewhere(address) => match HeaderValue::try_from(address) {
                Ok(address) => {
                    (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, address)]).into_response()
                }
                Err(_) => problem(StatusCode::NOT_FOUND, NOT_FOUND),
            },
            Self::PreconditionFailed => {
                problem(StatusCode::PRECONDITION_FAILED, PRECONDITION_FAILED)
            }
            Self::NotFound => problem(StatusCode::NOT_FOUND, NOT_FOUND),
        }
    }
}

fn problem(status: StatusCode, body: &'static str) -> Response {
    let content_type = HeaderValue::from_static("application/problem+json");
    (status, [(CONTENT_TYPE, content_type)], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn gzip_is_sent_only_to_clients_that_accept_it() {
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
