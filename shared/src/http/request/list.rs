//! The query of a list.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::cursor;
use super::limit::Limit;
use super::parameters::{FromParameter, Parameters};
use crate::domain::{
    Due, DueWindow, ListQuery, Search, Sort, SortKey, StatusFilter, TAG_MAX_CHARS, Window, is_blank,
};
use crate::http::conditions::Conditions;
use crate::http::entity_tag::{EntityTag, shown};
use crate::http::error::ApiError;

/// Which page of which list is asked for.
#[derive(Debug)]
pub struct ListRequest {
    /// What its parameters mean.
    pub query: ListQuery,
    /// The parameters without the cursor: how the address of the next page begins.
    pub(in crate::http) parameters: Vec<(String, String)>,
    /// A digest of what is asked for, and of the fields that this release shows.
    pub(in crate::http) digest: String,
}

impl<S: Sync> FromRequestParts<S> for ListRequest {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let parameters = Parameters::of(parts);
        let mut given = parameters.sorted();
        given.retain(|(name, _)| name != "cursor");
        let query = parse(parameters)?;
        let digest = digest(&query);
        Ok(Self {
            query,
            parameters: given,
            digest,
        })
    }
}

impl ListRequest {
    /// The states in which the client knows what it asks for.
    #[must_use]
    pub fn known(&self, conditions: &Conditions) -> Vec<String> {
        let tags = conditions.known();
        let states = tags.filter_map(|tag| EntityTag::state(tag, &self.digest));
        states.map(str::to_owned).collect()
    }
}

fn digest(query: &ListQuery) -> String {
    let ListQuery {
        limit,
        cursor,
        count,
        ..
    } = query;
    // Never fails: a query consists of texts and numbers.
    let json = serde_json::to_string(query).unwrap_or_default();
    let asked = format!("{} {limit:?} {cursor:?} {count} {json}", shown());
    URL_SAFE_NO_PAD.encode(&Sha256::digest(asked)[..12])
}

fn parse(mut parameters: Parameters) -> Result<ListQuery, ApiError> {
    let mut query = ListQuery {
        status: parameters.one("status").unwrap_or_default(),
        priorities: parameters.every("priority"),
        tags: parameters
            .every::<Tag>("tag")
            .into_iter()
            .map(|tag| tag.0)
            .collect(),
        due: DueWindow {
            after: parameters.one("due_after"),
            before: parameters.one("due_before"),
        },
        created: window(&mut parameters, "created_after", "created_before"),
        updated: window(&mut parameters, "updated_after", "updated_before"),
        overdue: parameters.one("overdue"),
        time_zone: parameters.one("time_zone"),
        search: parameters.one("q"),
        sort: parameters.one("sort").unwrap_or_default(),
        limit: parameters.one::<Limit>("limit").map(|limit| limit.0),
        cursor: None,
        count: parameters.one("count").unwrap_or_default(),
    };
    if let Some(text) = parameters.one::<String>("cursor") {
        query.cursor = cursor::decode(&text, &query);
        if query.cursor.is_none() {
            parameters.refuse("cursor", "does not belong to a list with these parameters");
        }
    }
    parameters.finish(query)
}

fn window(parameters: &mut Parameters, after: &'static str, before: &'static str) -> Window {
    let mut bound = |name| parameters.one::<Due>(name).map(|due| due.order(None));
    Window {
        after: bound(after),
        before: bound(before),
    }
}

struct Tag(String);

impl FromParameter for Tag {
    fn from_parameter(text: &str) -> Result<Self, String> {
        trimmed(text, TAG_MAX_CHARS).map(Self)
    }
}

impl FromParameter for Search {
    fn from_parameter(text: &str) -> Result<Self, String> {
        Self::parse(text).map_err(|error| error.to_string())
    }
}

/// The text without white space at its ends, if that leaves 1 to `max_chars` characters without
/// NUL, at least one of them visible.
fn trimmed(text: &str, max_chars: usize) -> Result<String, String> {
    let text = text.trim();
    let fits = text.chars().count() <= max_chars && !text.contains('\0');
    let valid = fits && !is_blank(text);
    valid
        .then(|| text.to_owned())
        .ok_or_else(|| format!("must have 1 to {max_chars} characters"))
}

impl FromParameter for StatusFilter {
    fn from_parameter(text: &str) -> Result<Self, String> {
        match text {
            "all" => Ok(Self::All),
            "pending" => Ok(Self::Pending),
            "completed" => Ok(Self::Completed),
            _ => Err("must be `all`, `pending` or `completed`".to_owned()),
        }
    }
}

impl FromParameter for Sort {
    fn from_parameter(text: &str) -> Result<Self, String> {
        let (descending, name) = text
            .strip_prefix('-')
            .map_or((false, text), |name| (true, name));
        let key = match name {
            "created_at" => SortKey::CreatedAt,
            "updated_at" => SortKey::UpdatedAt,
            "due" => SortKey::Due,
            "priority" => SortKey::Priority,
            "title" => SortKey::Title,
            _ => {
                return Err("must be `created_at`, `updated_at`, `due`, `priority` or `title`, or one of them after `-`"
                    .to_owned());
            }
        };
        Ok(Self { key, descending })
    }
}
