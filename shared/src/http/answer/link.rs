//! Addresses in answers.

use axum::http::header::{HeaderName, HeaderValue, LINK};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What must be escaped: everything but the unreserved characters (RFC 3986 section 2.3).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A text as a segment of a path, or as a part of a query.
pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// The header that leads to the next page (RFC 8288).
pub(super) fn next_link(address: &str) -> Option<(HeaderName, HeaderValue)> {
    let link = HeaderValue::try_from(format!("<{address}>; rel=\"next\""));
    Some((LINK, link.ok()?))
}
