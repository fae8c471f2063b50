//! Query parameters.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use lambda_http::RequestExt;

use super::InvalidField;
use crate::{Error, StatusFilter};

/// The query parameters that an operation knows. Others are ignored, as the former backend did.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<S: Sync> FromRequestParts<S> for Query<StatusFilter> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let parameters = parts.query_string_parameters_ref();
        let values = parameters.and_then(|parameters| parameters.all("status")).unwrap_or_default();
        let invalid = |detail: &str| Error::Invalid(vec![InvalidField::parameter("status", detail)]);
        match values[..] {
            [] => Ok(Self(StatusFilter::default())),
            ["all"] => Ok(Self(StatusFilter::All)),
            ["pending"] => Ok(Self(StatusFilter::Pending)),
            ["completed"] => Ok(Self(StatusFilter::Completed)),
            [_] => Err(invalid("must be `all`, `pending` or `completed`")),
            _ => Err(invalid("must be given only once")),
        }
    }
}
