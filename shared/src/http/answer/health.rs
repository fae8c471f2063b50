//! The answer of the health check.

use axum::http::StatusCode;
use axum::http::header::{HeaderValue, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::http::body::Json;
use crate::http::error::{Cause, RETRY_AFTER_SECONDS};
use crate::http::request::Invocation;
use crate::store::StoreError;

/// Whether the service can serve, in the form that the former backend used.
#[derive(Debug, Serialize)]
pub struct Health {
    status: &'static str,
    database: &'static str,
    /// Milliseconds that the database took to answer.
    database_ms: f64,
    version: &'static str,
    #[serde(skip)]
    error: Option<StoreError>,
}

impl Health {
    /// The answer to a health check whose `ping` of the database had this result.
    #[must_use]
    pub fn new(ping: Result<(), StoreError>, invocation: &Invocation) -> Self {
        let (status, database) = match ping {
            Ok(()) => ("healthy", "connected"),
            Err(_) => ("unhealthy", "disconnected"),
        };
        Self {
            status,
            database,
            database_ms: invocation.database_milliseconds(),
            version: env!("CARGO_PKG_VERSION"),
            error: ping.err(),
        }
    }
}

impl IntoResponse for Health {
    fn into_response(mut self) -> Response {
        let Some(error) = self.error.take() else {
            return Json(self).into_response();
        };
        let mut response = (StatusCode::SERVICE_UNAVAILABLE, Json(self)).into_response();
        let seconds = HeaderValue::from(RETRY_AFTER_SECONDS);
        response.headers_mut().insert(RETRY_AFTER, seconds);
        if let Some(cause) = Cause::of(&error) {
            response.extensions_mut().insert(cause);
        }
        response
    }
}
