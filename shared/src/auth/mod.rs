//! Authentication: who the caller is, proved by a JWT that is verified locally.
//!
//! [`Caller`] is the extractor that every operation on tasks needs. It reads the header ([`bearer`]),
//! has the token verified by [`Keys`], takes the subject from the [`claims`] and compares it with the path.

pub mod bearer;
mod caller;
mod claims;
mod keys;
mod unauthenticated;

pub use caller::Caller;
pub use keys::Keys;
pub use unauthenticated::Unauthenticated;
