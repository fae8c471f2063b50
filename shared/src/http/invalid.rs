//! What is wrong with a request, and where.

use serde::Serialize;

/// A field of the body, a parameter or a header that is wrong.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct InvalidField {
    #[serde(flatten)]
    place: Place,
    /// If it is an operation of a batch: the status that the operation alone would have had.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    detail: String,
}

#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Place {
    /// A JSON Pointer into the body (RFC 6901).
    Pointer(String),
    /// The name of a parameter of the path or the query.
    Parameter(String),
    /// The name of a header.
    Header(String),
}

impl InvalidField {
    /// What a JSON Pointer points to.
    pub(super) fn at(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            place: Place::Pointer(pointer.into()),
            status: None,
            detail: detail.into(),
        }
    }

    /// An operation of a batch that failed.
    pub(super) fn operation(index: usize, status: u16, detail: String) -> Self {
        Self {
            place: Place::Pointer(format!("/operations/{index}")),
            status: Some(status),
            detail,
        }
    }

    /// A parameter of the path or the query.
    pub(super) fn parameter(name: &str, detail: impl Into<String>) -> Self {
        Self {
            place: Place::Parameter(name.to_owned()),
            status: None,
            detail: detail.into(),
        }
    }

    /// A header.
    pub(super) fn header(name: &str, detail: impl Into<String>) -> Self {
        Self {
            place: Place::Header(name.to_owned()),
            status: None,
            detail: detail.into(),
        }
    }

    /// All of them in one sentence.
    pub(super) fn summary(fields: &[Self]) -> String {
        let of = |field: &Self| match &field.place {
            Place::Pointer(pointer) => format!("`{}` {}", unescaped(pointer), field.detail),
            Place::Parameter(name) => format!("The parameter `{name}` {}", field.detail),
            Place::Header(name) => format!("The header `{name}` {}", field.detail),
        };
        format!("{}.", fields.iter().map(of).collect::<Vec<_>>().join("; "))
    }
}

/// The JSON Pointer to a member of what `parent` points to.
pub(super) fn pointer(parent: &str, member: &str) -> String {
    format!("{parent}/{}", member.replace('~', "~0").replace('/', "~1"))
}

/// A JSON Pointer in a form for people.
fn unescaped(pointer: &str) -> String {
    pointer
        .trim_start_matches('/')
        .replace("~1", "/")
        .replace("~0", "~")
}
