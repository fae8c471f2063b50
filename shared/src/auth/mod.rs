//! Authentication: who the caller is, proved by a JWT that is verified locally.
//!
//! [`bearer`] reads the token from its header. The [`Verifier`] splits it (`jws`), looks up its key
//! (in a [`KeySet`] from the configuration, or in [`RemoteKeys`] from the issuer) and checks its
//! `claims`. The result is an [`Identity`].

mod algorithm;
pub mod bearer;
mod claims;
mod jwk;
mod jws;
mod keys;
mod remote;
mod secret;
#[cfg(test)]
mod tests;
mod unauthenticated;
mod verifier;

pub use claims::{ClaimRules, Identity, Scope};
pub use jwk::InvalidJwks;
pub use keys::KeySet;
pub use remote::{FetchLimits, RemoteKeys};
pub use secret::Secret;
pub use unauthenticated::{Unauthenticated, VerifyError};
pub use verifier::Verifier;
