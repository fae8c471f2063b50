//! API Gateway's events, made harmless before `lambda_http` turns them into requests.

use axum::http::header::HOST;
use lambda_http::request::LambdaRequest;

/// The event without Host and without the query as text, neither of which an operation reads.
///
/// `lambda_http` composes a URL from `x-forwarded-proto`, Host, path and query, and panics if that
/// is not valid, as with a Host `a:b` or a raw quotation mark in the query. That panic comes before
/// any of our code, and API Gateway would answer 500. API Gateway has already used Host to find the
/// API. The query's parameters stay; `lambda_http` reads them in the same way.
#[must_use]
pub fn harmless(event: LambdaRequest) -> LambdaRequest {
    match event {
        LambdaRequest::ApiGatewayV2(mut event) => {
            event.headers.remove(HOST);
            event.request_context.domain_name = None;
            if let Some(query) = event.raw_query_string.take() {
                // Never fails: any text is a query.
                event.query_string_parameters = query.parse().unwrap_or_default();
            }
            LambdaRequest::ApiGatewayV2(event)
        }
        // This crate's features know no other kind.
        event => event,
    }
}
