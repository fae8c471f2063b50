//! Where PostgreSQL is installed, and installing it where no question has to be asked.

use std::cmp::Reverse;
use std::env;
use std::error::Error;
use std::fs::{self, DirEntry, File};
use std::path::{Path, PathBuf};

const HOW_TO_INSTALL: &str = if cfg!(target_os = "macos") {
    "PostgreSQL is not installed. Install it with:\n  brew install postgresql@17"
} else {
    "PostgreSQL is not installed. Install it with:\n  sudo apt-get install postgresql"
};

/// Where Debian and Homebrew keep a directory for each version, and how its name begins.
const VERSIONS: [(&str, &str); 3] = [
    ("/usr/lib/postgresql", ""),
    ("/opt/homebrew/opt", "postgresql@"),
    ("/usr/local/opt", "postgresql@"),
];

/// The directory of PostgreSQL's programs. Installs Debian's package if necessary; it says so on
/// stderr.
///
/// # Errors
///
/// When it is not installed and cannot be: how to install it, or why that failed.
pub fn find_or_install() -> Result<PathBuf, String> {
    if let Some(found) = find() {
        return Ok(found);
    }
    if crate::can_install() {
        install().map_err(|error| format!("PostgreSQL cannot be installed: {error}"))?;
    }
    find().ok_or_else(|| HOW_TO_INSTALL.to_owned())
}

/// The first directory with the programs: on `PATH`, else the newest version.
fn find() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let versions = VERSIONS
        .iter()
        .flat_map(|(parent, prefix)| newest_first(Path::new(parent), prefix));
    env::split_paths(&path).chain(versions).find(|directory| {
        ["postgres", "initdb"]
            .iter()
            .all(|program| directory.join(program).is_file())
    })
}

fn newest_first(parent: &Path, prefix: &str) -> Vec<PathBuf> {
    let version = |entry: DirEntry| -> Option<u32> {
        let name = entry.file_name();
        name.to_str()?.strip_prefix(prefix)?.parse().ok()
    };
    let entries = parent.read_dir().into_iter().flatten().flatten();
    let mut versions: Vec<u32> = entries.filter_map(version).collect();
    versions.sort_by_key(|version| Reverse(*version));
    let directory = |version| parent.join(format!("{prefix}{version}/bin"));
    versions.into_iter().map(directory).collect()
}

fn install() -> Result<(), Box<dyn Error>> {
    // Test processes that start together would disturb each other: apt waits for dpkg's lock, but
    // not for that of its package lists.
    let lock = File::create(env::temp_dir().join("todo-postgres-install.lock"))?;
    lock.lock()?;
    if find().is_some() {
        return Ok(());
    }
    // Otherwise Debian's package would create its own cluster and start it at every boot.
    let settings = Path::new("/etc/postgresql-common/createcluster.d");
    fs::create_dir_all(settings)?;
    let file = settings.join("no-main-cluster.conf");
    fs::write(file, "create_main_cluster = false\n")?;
    Ok(crate::install(&["postgresql"])?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        let parent = folder.path();
        for name in [
            "postgresql@9",
            "postgresql@17",
            "postgresql@16",
            "openssl@3",
        ] {
            fs::create_dir_all(parent.join(name)).unwrap();
        }

        let found = newest_first(parent, "postgresql@");

        let expected = ["postgresql@17", "postgresql@16", "postgresql@9"];
        assert_eq!(found, expected.map(|name| parent.join(name).join("bin")));
    }
}
