//! An operation as the service that gets Lambda's events, with one log line for each.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::{Body, to_bytes};
use axum::handler::Handler;
use axum::http::Method;
use axum::http::header::{
    CACHE_CONTROL, HeaderValue, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use lambda_http::{RequestExt, tower::Service};

use crate::http::{ApiError, Cause, Invocation};

/// For a year, for this host alone.
const HSTS: &str = "max-age=31536000";

/// The service of `operation`, whose name is for the log.
pub fn service<H, T, S>(
    operation: &'static str,
    handler: H,
    state: S,
) -> impl Service<
    lambda_http::Request,
    Response = Response<lambda_http::Body>,
    Error = Infallible,
    Future: Send,
> + Clone
+ Send
+ 'static
where
    H: Handler<T, S> + Sync,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    let cold = Arc::new(AtomicBool::new(true));
    lambda_http::service_fn(move |request: lambda_http::Request| {
        let is_cold = cold.swap(false, Ordering::Relaxed);
        let invocation = Invocation::begin(&request.lambda_context(), is_cold);
        let answer = answer(handler.clone(), state.clone(), request, invocation.clone());
        async move {
            let response = answer.await;
            log(operation, &invocation, &response);
            Ok(text(response).await)
        }
    })
}

/// Runs the handler. The answer to `HEAD` is that to `GET` without its body. A panic is a defect,
/// but no reason to lose the execution environment.
async fn answer<H, T, S>(
    handler: H,
    state: S,
    request: lambda_http::Request,
    invocation: Invocation,
) -> Response
where
    H: Handler<T, S>,
    T: 'static,
    S: 'static,
{
    let mut request = request.map(|body| match body {
        lambda_http::Body::Text(text) => Body::from(text),
        lambda_http::Body::Binary(bytes) => Body::from(bytes),
        _ => Body::empty(),
    });
    request.extensions_mut().insert(invocation);
    let wants_body = request.method() != Method::HEAD;
    let called = AssertUnwindSafe(handler.call(request, state)).catch_unwind();
    let mut response = called.await.unwrap_or_else(|_| {
        let error = ApiError::internal("the handler panicked");
        error.into_response()
    });
    protect(&mut response);
    if wants_body {
        response
    } else {
        response.map(|_| Body::empty())
    }
}

/// Answers hold personal data. No cache keeps them unless they say so, no browser guesses what they
/// are, and none asks for them in the clear again (RFC 6797).
fn protect(response: &mut Response) {
    let headers = response.headers_mut();
    let no_store = HeaderValue::from_static("no-store");
    headers.entry(CACHE_CONTROL).or_insert(no_store);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
}

/// The body as text, so that `lambda_http` does not send it in base64.
async fn text(response: Response) -> Response<lambda_http::Body> {
    let (parts, body) = response.into_parts();
    // Never fails: every body here was built in memory.
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let body = match String::from_utf8(bytes.into()) {
        Ok(text) if text.is_empty() => lambda_http::Body::Empty,
        Ok(text) => lambda_http::Body::Text(text),
        Err(error) => lambda_http::Body::Binary(error.into_bytes()),
    };
    Response::from_parts(parts, body)
}

/// Logs who asked for what, how long it took, and the cause of a 5xx; never the token, a title or a
/// description.
fn log(operation: &str, invocation: &Invocation, response: &Response) {
    let cause = response.extensions().get::<Cause>();
    let cause = cause.map(|cause| cause.0.as_str());
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                operation,
                request_id = invocation.request_id(),
                status = response.status().as_u16(),
                ms = invocation.milliseconds(),
                database_ms = invocation.database_milliseconds(),
                cold_start = invocation.cold_start(),
                subject = invocation.subject(),
                cause,
                "request"
            )
        };
    }
    match response.status().as_u16() {
        500 => line!(error),
        501.. => line!(warn),
        _ => line!(info),
    }
}
