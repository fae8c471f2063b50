//! Where PostgreSQL is installed.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::install;

/// A directory that holds `postgres` and `initdb`.
#[derive(Clone, Debug)]
pub(super) struct Binaries(PathBuf);

impl Binaries {
    /// Finds PostgreSQL, installing it where no question has to be asked. With `version` (of an
    /// existing cluster, such as `15`) one of that major version is preferred: others refuse
    /// the cluster.
    pub(super) fn find_or_install(version: Option<&str>) -> Result<Self> {
        install::find_or_install(|| Self::find(version))
    }

    fn find(version: Option<&str>) -> Option<Self> {
        let mut found: Vec<Self> = candidates()
            .into_iter()
            .map(Self)
            .filter(Self::are_there)
            .collect();
        if let Some(version) = version
            && let Some(position) = found.iter().position(|binaries| binaries.are_of(version))
        {
            found.swap(0, position);
        }
        found.into_iter().next()
    }

    pub(super) fn postgres(&self) -> PathBuf {
        self.0.join("postgres")
    }

    pub(super) fn initdb(&self) -> PathBuf {
        self.0.join("initdb")
    }

    fn are_there(&self) -> bool {
        self.postgres().is_file() && self.initdb().is_file()
    }

    fn are_of(&self, version: &str) -> bool {
        let Ok(output) = Command::new(self.postgres()).arg("--version").output() else {
            return false;
        };
        // "postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)"
        String::from_utf8_lossy(&output.stdout)
            .split_whitespace()
            .any(|word| word.split(['.', 'b', 'r']).next() == Some(version))
    }
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
    let Ok(entries) = parent.read_dir() else {
        return Vec::new();
    };
    let mut versions: Vec<(u32, PathBuf)> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let version = entry
                .file_name()
                .to_str()?
                .strip_prefix(prefix)?
                .parse()
                .ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
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
