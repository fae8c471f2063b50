//! The parts of a token (RFC 7515 section 7.1: the compact serialization), before it is verified.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny};

use super::algorithm;
use super::unauthenticated::Unauthenticated;

/// The three parts of a token.
#[derive(Debug)]
pub(super) struct Jws<'a> {
    pub(super) header: Header,
    /// What is signed: header and payload as sent.
    pub(super) signed: &'a str,
    pub(super) signature: &'a str,
    pub(super) payload: Vec<u8>,
}

/// The header. A key that it refers to or contains (`jku`, `x5u`, `x5c`, `jwk`) is never used.
/// Serde refuses repeated members.
#[derive(Debug, Deserialize)]
pub(super) struct Header {
    #[serde(deserialize_with = "algorithm::deserialize")]
    pub(super) alg: Algorithm,
    #[serde(default)]
    pub(super) kid: Option<String>,
    #[serde(default)]
    typ: Option<String>,
    #[serde(default, deserialize_with = "present")]
    crit: Option<IgnoredAny>,
    #[serde(default, deserialize_with = "present")]
    b64: Option<IgnoredAny>,
    #[serde(default, deserialize_with = "present")]
    zip: Option<IgnoredAny>,
    #[serde(default, deserialize_with = "present")]
    cty: Option<IgnoredAny>,
    #[serde(default, deserialize_with = "present")]
    enc: Option<IgnoredAny>,
}

impl<'a> Jws<'a> {
    /// Splits `token` and decodes its header and payload. Base64url must be canonical and unpadded.
    pub(super) fn parse(token: &'a str) -> Result<Self, Unauthenticated> {
        let (signed, signature) = token
            .rsplit_once('.')
            .ok_or(Unauthenticated::InvalidToken)?;
        let (header, payload) = signed
            .split_once('.')
            .ok_or(Unauthenticated::InvalidToken)?;
        let header: Header = object(&decode(header)?)?;
        if !header.is_understood() {
            return Err(Unauthenticated::InvalidToken);
        }
        Ok(Self {
            header,
            signed,
            signature,
            payload: decode(payload)?,
        })
    }
}

impl Header {
    /// Whether this service understands all of it: an unknown extension, encoding or type must not
    /// be ignored (RFC 7515 section 4.1.11, RFC 8725 section 3.11). `cty` would make it a token
    /// within a token (RFC 7519 section 5.2).
    fn is_understood(&self) -> bool {
        let Self {
            crit,
            b64,
            zip,
            cty,
            enc,
            typ,
            ..
        } = self;
        let is_known = |typ: &String| {
            ["JWT", "at+jwt"]
                .iter()
                .any(|known| typ.eq_ignore_ascii_case(known))
        };
        typ.as_ref().is_none_or(is_known)
            && [crit, b64, zip, cty, enc]
                .iter()
                .all(|member| member.is_none())
    }
}

/// Also refuses a fourth part, because `.` is not base64url.
fn decode(part: &str) -> Result<Vec<u8>, Unauthenticated> {
    URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| Unauthenticated::InvalidToken)
}

/// Reads a JSON object, which header and claims must be (RFC 7515 section 5.2, RFC 7519 section
/// 7.2). Serde alone would also accept an array of the members' values.
pub(super) fn object<'de, T: Deserialize<'de>>(json: &'de [u8]) -> Result<T, Unauthenticated> {
    let is_object = json.trim_ascii_start().starts_with(b"{");
    let value = if is_object {
        serde_json::from_slice(json).ok()
    } else {
        None
    };
    value.ok_or(Unauthenticated::InvalidToken)
}

/// A member is present whatever its value, even if that is `null`.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<IgnoredAny>, D::Error> {
    IgnoredAny::deserialize(deserializer).map(Some)
}
