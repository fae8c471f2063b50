//! Requests as events, in payload format 2.0.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

use std::collections::BTreeMap;
use std::net::SocketAddr;

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::routes::{Match, decoded};

/// A request without its body, and what else API Gateway knows about it.
pub(super) struct Reception<'a> {
    pub(super) parts: &'a Parts,
    pub(super) peer: SocketAddr,
    /// The port that it arrived on.
    pub(super) port: u16,
    pub(super) request_id: &'a str,
    /// The trace id (`Root=1-...`).
    pub(super) trace: &'a str,
    pub(super) time: Timestamp,
}

/// The event for a request.
///
/// Documented: the fields; values of a repeated header or query parameter joined with commas. Only
/// observed: `rawPath` is percent-decoded, hop-by-hop headers are left out, `+` in a query
/// parameter is a space, and which content types come as text. Not modelled: cookies, which API
/// Gateway passes on in a field of their own. They are left out, since no function reads them and
/// browsers send them unasked.
pub(super) fn event(reception: &Reception<'_>, body: &[u8], found: &Match<'_>) -> Value {
    let parts = reception.parts;
    let query = parts.uri.query().unwrap_or_default();
    let mut event = json!({
        "version": "2.0",
        "routeKey": found.route.key(),
        "rawPath": decoded(parts.uri.path()),
        "rawQueryString": query,
        "headers": headers(reception),
        "requestContext": context(reception, found),
        "isBase64Encoded": false,
    });
    if !query.is_empty() {
        event["queryStringParameters"] = json!(query_parameters(query));
    }
    if !found.parameters.is_empty() {
        event["pathParameters"] = json!(found.parameters);
    }
    if !body.is_empty() {
        let text = std::str::from_utf8(body).ok();
        let text = text.filter(|_| is_text(&parts.headers));
        event["isBase64Encoded"] = json!(text.is_none());
        event["body"] = text
            .map_or_else(|| STANDARD.encode(body), str::to_owned)
            .into();
    }
    event
}

fn context(reception: &Reception<'_>, found: &Match<'_>) -> Value {
    let parts = reception.parts;
    let host = text(&parts.headers, &header::HOST);
    let domain = host
        .rsplit_once(':')
        .map_or(host.as_str(), |(name, _)| name);
    json!({
        "accountId": "123456789012",
        "apiId": "local",
        "domainName": domain,
        "domainPrefix": domain.split('.').next().unwrap_or_default(),
        "http": {
            "method": parts.method.as_str(),
            "path": decoded(parts.uri.path()),
            "protocol": format!("{:?}", parts.version),
            "sourceIp": reception.peer.ip().to_string(),
            "userAgent": text(&parts.headers, &header::USER_AGENT),
        },
        "requestId": reception.request_id,
        "routeKey": found.route.key(),
        "stage": "$default",
        "time": reception.time.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
        "timeEpoch": reception.time.as_millisecond(),
    })
}

/// The request's headers, and those that API Gateway adds. There, functions see `https`, since it
/// ends TLS; here they see what the client used.
fn headers(reception: &Reception<'_>) -> BTreeMap<String, String> {
    const LEFT_OUT: [&str; 5] = [
        "connection",
        "cookie",
        "keep-alive",
        "transfer-encoding",
        "upgrade",
    ];
    let headers = &reception.parts.headers;
    let passed_on = headers
        .keys()
        .filter(|name| !LEFT_OUT.contains(&name.as_str()));
    let passed_on = passed_on.map(|name| (name.to_string(), text(headers, name)));
    let mut all: BTreeMap<_, _> = passed_on.collect();
    let forwarded_for = all.entry("x-forwarded-for".into()).or_default();
    if !forwarded_for.is_empty() {
        forwarded_for.push_str(", ");
    }
    forwarded_for.push_str(&reception.peer.ip().to_string());
    all.insert("x-forwarded-port".into(), reception.port.to_string());
    all.insert("x-forwarded-proto".into(), "http".into());
    all.insert("x-amzn-trace-id".into(), reception.trace.to_owned());
    all
}

/// All values of a header, joined with commas.
fn text(headers: &HeaderMap, name: &HeaderName) -> String {
    let values = headers.get_all(name).iter();
    let values = values.map(|value| String::from_utf8_lossy(value.as_bytes()));
    values.collect::<Vec<_>>().join(",")
}

fn query_parameters(query: &str) -> BTreeMap<String, String> {
    let mut parameters: BTreeMap<String, String> = BTreeMap::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let [name, value] = [name, value].map(|text| decoded(&text.replace('+', " ")));
        let values = parameters.entry(name);
        values
            .and_modify(|values| *values = format!("{values},{value}"))
            .or_insert(value);
    }
    parameters
}

/// Whether the body is passed on as text. Everything else is base64, also without a content type.
fn is_text(headers: &HeaderMap) -> bool {
    let content_type = text(headers, &header::CONTENT_TYPE).to_ascii_lowercase();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    media_type.starts_with("text/")
        || matches!(
            media_type,
            "application/json" | "application/javascript" | "application/xml"
        )
}
