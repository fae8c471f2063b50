//! Authentication: who the caller is, proved by a JWT that is verified locally.
//!
//! [`bearer`] takes the token out of its header. The [`Verifier`] takes the token apart (`jws`), looks
//! up its key (a [`KeySet`] from the configuration, or [`RemoteKeys`] from the issuer) and checks its
//! `claims`. What comes out is an [`Identity`].

mod algorithm;
pub mod bearer;
mod claims;
mod jwk;
mod jws;
mod keys;
#[cfg(test)]
mod properties;
mod remote;
mod secret;
mod unauthenticated;
mod verifier;

pub use claims::{ClaimRules, Identity, Scope};
pub use jwk::InvalidJwks;
pub use keys::KeySet;
pub use remote::{FetchLimits, RemoteKeys};
pub use secret::Secret;
pub use unauthenticated::{Unauthenticated, VerifyError};
pub use verifier::Verifier;
