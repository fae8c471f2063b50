//! What the tests and the benchmark share.
//!
//! * [`cluster`]: a PostgreSQL cluster that is removed afterwards
//! * [`proxy`]: a TCP proxy that counts round trips, and can be slow and unreliable
//! * [`sample`]: the sample events, as requests of any user
//! * [`tasks`]: a table full of tasks

pub mod cluster;
pub mod proxy;
pub mod sample;
pub mod tasks;

use std::path::{Path, PathBuf};

/// The project's own folder.
#[must_use]
pub fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_owned()
}
