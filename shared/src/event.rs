//! API Gateway's events, made harmless before `lambda_http` makes requests of them.

use axum::http::header::HOST;
use lambda_http::request::LambdaRequest;

/// The event without what no operation reads: Host, and the query within the address.
///
/// `lambda_http` writes an address out of `x-forwarded-proto`, Host, path and query, and panics when it is none:
/// for a Host such as `a:b` or a raw quotation mark in the query. The panic comes before anything of ours runs, and
/// API Gateway would answer 500. Which API is called, API Gateway has found out from Host already. The query's
/// parameters stay; `lambda_http` reads them in this way too.
#[must_use]
pub fn harmless(event: LambdaRequest) -> LambdaRequest {
    match event {
        LambdaRequest::ApiGatewayV2(mut event) => {
            event.headers.remove(HOST);
            event.request_context.domain_name = None;
            if let Some(query) = event.raw_query_string.take() {
                // Anything is a query: this cannot fail.
                event.query_string_parameters = query.parse().unwrap_or_default();
            }
            LambdaRequest::ApiGatewayV2(event)
        }
        // None that this crate's features know of.
        event => event,
    }
}
