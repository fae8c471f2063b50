//! A PostgreSQL cluster that is removed afterwards.

use std::env;
use std::path::PathBuf;

use local::postgres::ClusterOptions;
use uuid::Uuid;

/// How many bytes must be free for a cluster, which grows by 8 MB for each database.
#[cfg(target_os = "linux")]
const NEEDED: u64 = 2 << 30;

/// A cluster in a new directory that is removed afterwards, fast rather than durable.
#[must_use]
pub fn temporary() -> ClusterOptions {
    let name = format!("todo-postgres-{}", Uuid::now_v7().simple());
    ClusterOptions {
        directory: memory().unwrap_or_else(env::temp_dir).join(name),
        durable: false,
        temporary: true,
    }
}

/// Linux's file system in memory, if it exists and has room: copying a database, which is a
/// thousand files, takes a fifth of the time.
#[cfg(target_os = "linux")]
fn memory() -> Option<PathBuf> {
    use nix::unistd::{AccessFlags, access};

    let directory = PathBuf::from("/dev/shm");
    let free = nix::sys::statvfs::statvfs(&directory).ok()?;
    let has_room = free.blocks_available() * free.fragment_size() >= NEEDED;
    (has_room && access(&directory, AccessFlags::W_OK).is_ok()).then_some(directory)
}

/// Other systems have none.
#[cfg(not(target_os = "linux"))]
fn memory() -> Option<PathBuf> {
    None
}
