//! An API Gateway HTTP API, emulated: it turns requests into events (payload format 2.0) and
//! invokes functions.
//!
//! Each module names the AWS document it follows, and says what is only observed. Not modelled:
//! stages, authorizers, throttling, cookies, the limit of 10,240 bytes for a request's headers,
//! web sockets and HTTP/2.

mod answer;
mod cors;
mod event;
#[cfg(test)]
mod event_tests;
mod routes;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Version};
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::time::timeout;

use event::Reception;
use routes::Match;
pub(crate) use routes::RouteTable;

use crate::ServerOptions;
use crate::lambda::{self, InvokeError, Lambda};

/// The most bytes of a request's body (10 MB).
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>
pub const BODY_LIMIT: usize = 10 * 1024 * 1024;
/// How much of a body is read: a client that is refused while it is still sending may never see the
/// reason.
const READ_LIMIT: usize = 8 * BODY_LIMIT;

const REQUEST_ID: HeaderName = HeaderName::from_static("apigw-requestid");

pub(crate) struct ApiGateway {
    pub(crate) routes: RouteTable,
    pub(crate) options: Arc<ServerOptions>,
    pub(crate) lambda: Arc<Lambda>,
    /// The port that it listens on.
    pub(crate) port: u16,
}

impl ApiGateway {
    /// Serves until it is asked to stop; requests in progress are answered first.
    pub(crate) async fn serve(self, listener: TcpListener, stop: Arc<Notify>) {
        let router = Router::new().fallback(handle).with_state(Arc::new(self));
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        // This never fails: axum carries on when `accept` does.
        let _ = axum::serve(listener, service)
            .with_graceful_shutdown(async move { stop.notified().await })
            .await;
    }

    async fn answer(&self, reception: &Reception<'_>, body: Body) -> Response {
        let parts = reception.parts;
        let path = parts.uri.path();
        let location = self.options.redirects.get(path);
        if let Some(location) = location.filter(|_| parts.method == Method::GET) {
            return Redirect::temporary(location).into_response();
        }
        let Some(found) = self.routes.find(parts.method.as_str(), path) else {
            return answer::own(StatusCode::NOT_FOUND);
        };
        match to_bytes(body, READ_LIMIT).await {
            Ok(body) if body.len() <= BODY_LIMIT => self.invoke(reception, &body, &found).await,
            _ => answer::own(StatusCode::PAYLOAD_TOO_LARGE),
        }
    }

    /// Only observed: a throttled function is a 503, and an event over Lambda's limit a 413.
    async fn invoke(&self, reception: &Reception<'_>, body: &[u8], found: &Match<'_>) -> Response {
        let function = &found.route.function;
        let event = Bytes::from(event::event(reception, body, found).to_string());
        let invocation = self.lambda.invoke(function, event, reception.trace);
        let result = timeout(self.options.integration_timeout, invocation).await;
        answer::own(match result {
            Ok(Ok(payload)) => match answer::convert(&payload) {
                Ok(response) => return response,
                Err(error) => {
                    let reason = format!("API Gateway: the response is refused: {error:#}");
                    self.options.log(function, reason);
                    StatusCode::INTERNAL_SERVER_ERROR
                }
            },
            Ok(Err(InvokeError::NotFound | InvokeError::Function(_))) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
            Ok(Err(InvokeError::RequestTooLarge(_))) => StatusCode::PAYLOAD_TOO_LARGE,
            Ok(Err(InvokeError::Throttled | InvokeError::Stopped)) | Err(_) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        })
    }
}

async fn handle(
    State(gateway): State<Arc<ApiGateway>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let origin = parts.headers.get(ORIGIN);
    let request_id = new_request_id();
    let mut response = match &gateway.options.template.cors {
        _ if !names_one_host(&parts) => answer::own(StatusCode::BAD_REQUEST),
        Some(cors) if cors::is_preflight(&parts.method, &parts.headers) => {
            cors::preflight(cors, origin)
        }
        cors => {
            let reception = Reception {
                parts: &parts,
                peer,
                port: gateway.port,
                request_id: &request_id,
                trace: &lambda::new_trace(),
                time: jiff::Timestamp::now(),
            };
            let mut response = gateway.answer(&reception, body).await;
            if let Some(cors) = cors {
                cors::decorate(cors, origin, response.headers_mut());
            }
            response
        }
    };
    if let Ok(request_id) = HeaderValue::try_from(request_id) {
        response.headers_mut().insert(REQUEST_ID, request_id);
    }
    response
}

/// Whether there is exactly one valid Host (RFC 9112 section 3.2). It selects the API, so no other
/// request reaches a function.
fn names_one_host(parts: &Parts) -> bool {
    let mut hosts = parts.headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => {
            Authority::try_from(host.as_bytes()).is_ok_and(|host| !host.host().is_empty())
        }
        (None, _) => parts.version == Version::HTTP_10,
        _ => false,
    }
}

/// An id that looks like API Gateway's: 11 random bytes in base64.
fn new_request_id() -> String {
    STANDARD.encode(&uuid::Uuid::new_v4().as_bytes()[..11])
}
