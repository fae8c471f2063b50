//! The names of algorithms.

use jsonwebtoken::Algorithm;
use serde::de::{Deserialize, Deserializer, Error};

/// The algorithm of this name, if it is known.
///
/// RFC 9864 gives `EdDSA` a name for each curve. Of these, `Ed25519` is known, which is all that
/// `EdDSA` means here.
pub(super) fn named(name: &str) -> Option<Algorithm> {
    match name {
        "Ed25519" => Some(Algorithm::EdDSA),
        name => name.parse().ok(),
    }
}

/// Reads the name of an algorithm that is known.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Algorithm, D::Error> {
    let name = String::deserialize(deserializer)?;
    named(&name).ok_or_else(|| D::Error::custom("unknown algorithm"))
}
