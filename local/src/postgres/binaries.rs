//! Where PostgreSQL is installed.

use std::cmp::Reverse;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The directory that holds `postgres` and `initdb`. With `version` (of an existing cluster, such
/// as `15`) one of that major version is preferred: others refuse the cluster.
pub(super) fn find(version: Option<&str>) -> Option<PathBuf> {
    let has = |directory: &Path, program| directory.join(program).is_file();
    let mut found = candidates();
    found.retain(|directory| has(directory, "postgres") && has(directory, "initdb"));
    let preferred = found
        .iter()
        .position(|directory| version.is_some_and(|version| is_of(directory, version)));
    found.into_iter().nth(preferred.unwrap_or(0))
}

fn is_of(directory: &Path, version: &str) -> bool {
    let output = Command::new(directory.join("postgres"))
        .arg("--version")
        .output();
    // "postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)"
    output.is_ok_and(|output| {
        String::from_utf8_lossy(&output.stdout)
            .split_whitespace()
            .any(|word| word.split(['.', 'b', 'r']).next() == Some(version))
    })
}

/// `PATH`, then the directories of Debian and Homebrew that are not on it, newest version first.
fn candidates() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut directories: Vec<PathBuf> = env::split_paths(&path).collect();
    directories.extend(newest_first(Path::new("/usr/lib/postgresql"), ""));
    for homebrew in ["/opt/homebrew/opt", "/usr/local/opt"] {
        directories.extend(newest_first(Path::new(homebrew), "postgresql@"));
    }
    directories
}

fn newest_first(parent: &Path, prefix: &str) -> Vec<PathBuf> {
    let entries = parent.read_dir().into_iter().flatten().flatten();
    let mut versions: Vec<(Reverse<u32>, PathBuf)> = entries
        .filter_map(|entry| {
            let name = entry.file_name();
            let version = name.to_str()?.strip_prefix(prefix)?.parse().ok()?;
            Some((Reverse(version), entry.path().join("bin")))
        })
        .collect();
    versions.sort();
    versions.into_iter().map(|(_, path)| path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_comes_first() {
        let parent = env::temp_dir().join(format!("todo-versions-{}", uuid::Uuid::now_v7()));
        for name in [
            "postgresql@9",
            "postgresql@17",
            "postgresql@16",
            "openssl@3",
        ] {
            std::fs::create_dir_all(parent.join(name)).unwrap();
        }

        let found = newest_first(&parent, "postgresql@");

        std::fs::remove_dir_all(&parent).unwrap();
        let expected = ["postgresql@17", "postgresql@16", "postgresql@9"];
        assert_eq!(found, expected.map(|name| parent.join(name).join("bin")));
    }
}
