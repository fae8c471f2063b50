//! The query of an export.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::cursor;
use super::parameters::Parameters;
use crate::domain::{ListQuery, Sort, SortKey};
use crate::http::error::ApiError;

/// Which part of the export is asked for.
#[derive(Debug)]
pub struct ExportRequest(pub ListQuery);

impl<S: Sync> FromRequestParts<S> for ExportRequest {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let sort = Sort {
            key: SortKey::CreatedAt,
            descending: false,
        };
        let mut query = ListQuery {
            sort,
            ..ListQuery::default()
        };
        let mut parameters = Parameters::of(parts);
        if let Some(text) = parameters.one::<String>("cursor") {
            query.cursor = cursor::decode(&text, &query);
            if query.cursor.is_none() {
                parameters.refuse("cursor", "does not belong to an export");
            }
        }
        parameters.finish(Self(query))
    }
}
