//! The names of algorithms.

use jsonwebtoken::Algorithm;
use serde::de::{Deserialize, Deserializer, Error};

/// The algorithm with this name, if this service supports it.
///
/// RFC 9864 replaces `EdDSA` with a name for each curve. Here, `EdDSA` and `Ed25519` mean the same:
/// no other curve is supported.
pub(super) fn named(name: &str) -> Option<Algorithm> {
    match name {
        "Ed25519" => Some(Algorithm::EdDSA),
        name => name.parse().ok(),
    }
}

/// Reads the name of a supported algorithm.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Algorithm, D::Error> {
    let name = String::deserialize(deserializer)?;
    named(&name).ok_or_else(|| D::Error::custom("unknown algorithm"))
}
