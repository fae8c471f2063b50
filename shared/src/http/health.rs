//! The answer of the health check.

use axum::http::StatusCode;
use axum::http::header::{HeaderValue, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::Json;
use crate::error::{Cause, RETRY_AFTER_SECONDS};
use crate::{Database, Error, Invocation};

/// Whether the service can serve, in the form of the former backend.
#[derive(Debug, Serialize)]
pub struct Health {
    status: &'static str,
    database: &'static str,
    /// Milliseconds that the database took to answer.
    database_ms: f64,
    version: &'static str,
    #[serde(skip)]
    error: Option<Error>,
}

impl Health {
    /// Asks the database.
    pub async fn of(database: &Database, invocation: &Invocation) -> Self {
        let error = database.ping(invocation).await.err();
        let (status, database) = match error {
            None => ("healthy", "connected"),
            Some(_) => ("unhealthy", "disconnected"),
        };
        let database_ms = invocation.database_milliseconds();
        Self {
            status,
            database,
            database_ms,
            version: env!("CARGO_PKG_VERSION"),
            error,
        }
    }
}

impl IntoResponse for Health {
    fn into_response(mut self) -> Response {
        let Some(error) = self.error.take() else {
            return Json(self).into_response();
        };
        let mut response = (StatusCode::SERVICE_UNAVAILABLE, Json(self)).into_response();
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS));
        response.extensions_mut().insert(Cause(error.to_string()));
        response
    }
}
