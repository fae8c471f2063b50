//! Authentication: who the caller is, proved by a JWT that is verified locally.
//!
//! [`Caller`] is the extractor that every operation on tasks needs. It takes the token out of the header
//! ([`bearer`]) and gives it to the [`Verifier`], which takes it apart (`jws`), looks up the key
//! ([`KeySet`], from the configuration or, with [`RemoteKeys`], from the issuer) and checks the `claims`;
//! then it compares the subject with the path and the scopes with the method.

pub mod bearer;
mod caller;
mod claims;
mod jwk;
mod jws;
mod keys;
#[cfg(test)]
mod properties;
mod remote;
mod unauthenticated;
mod verifier;

pub use caller::Caller;
pub use claims::{ClaimRules, Identity, Scope};
pub use jwk::InvalidJwks;
pub use keys::KeySet;
pub use remote::{FetchLimits, RemoteKeys};
pub use unauthenticated::Unauthenticated;
pub use verifier::Verifier;
