//! The user that PostgreSQL runs as: it refuses to run as root.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::unistd::{User, geteuid};

use super::ClusterError;

/// The user and group of PostgreSQL's processes and files.
#[derive(Clone, Copy, Debug)]
pub(super) struct Account {
    uid: u32,
    gid: u32,
    /// Whether that is someone else than we are.
    is_other: bool,
}

impl Account {
    /// We ourselves; or, when we are root, `postgres` where there is one, else `nobody`.
    pub(super) fn choose() -> Result<Self, ClusterError> {
        if !geteuid().is_root() {
            let (uid, gid) = (geteuid().as_raw(), nix::unistd::getegid().as_raw());
            return Ok(Self { uid, gid, is_other: false });
        }
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| User::from_name(name).ok().flatten())
            .filter(|user| !user.uid.is_root())
            .map(|user| Self { uid: user.uid.as_raw(), gid: user.gid.as_raw(), is_other: true })
            .ok_or(ClusterError::NoAccount)
    }

    /// Makes `command` run as this user.
    pub(super) fn run<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        if self.is_other { command.uid(self.uid).gid(self.gid) } else { command }
    }

    /// The directory to use when `wanted` is asked for: another one if this user cannot get there, as
    /// when root's home, with the clone in it, is closed to others.
    pub(super) fn within_reach(&self, wanted: &Path) -> PathBuf {
        if !self.is_other || wanted.ancestors().skip(1).all(|ancestor| self.may_pass(ancestor)) {
            return wanted.to_owned();
        }
        // Not `temp_dir`: this one is to outlast a reboot.
        let name = format!("todo-postgres-{:016x}", fnv1a(wanted.as_os_str().as_encoded_bytes()));
        Path::new("/var/tmp").join(name)
    }

    /// Makes the directory, closed to all others.
    pub(super) fn own(&self, directory: &Path) -> Result<(), ClusterError> {
        let failed = |source| ClusterError::Directory { directory: directory.to_owned(), source };
        fs::create_dir_all(directory).map_err(failed)?;
        // In /var/tmp anybody could have been there before, with a link to elsewhere.
        let metadata = fs::symlink_metadata(directory).map_err(failed)?;
        let is_ours = [self.uid, geteuid().as_raw()].contains(&metadata.uid());
        if !metadata.is_dir() || !is_ours {
            return Err(failed(io::Error::other("it belongs to somebody else")));
        }
        self.give(directory, 0o700).map_err(failed)
    }

    /// Hands a file or directory of ours over to this user.
    pub(super) fn give(&self, path: &Path, mode: u32) -> io::Result<()> {
        fs::set_permissions(path, Permissions::from_mode(mode))?;
        if self.is_other { chown(path, Some(self.uid), Some(self.gid)) } else { Ok(()) }
    }

    /// Whether this user may pass through `directory`. One that is not there yet will be made.
    fn may_pass(&self, directory: &Path) -> bool {
        let Ok(metadata) = fs::metadata(directory) else { return true };
        let execute = if metadata.uid() == self.uid {
            0o100
        } else if metadata.gid() == self.gid {
            0o010
        } else {
            0o001
        };
        metadata.mode() & execute != 0
    }
}

/// FNV-1a: the name must stay the same from one Rust to the next, which std's hasher does not promise.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_behind_a_closed_one_is_replaced_by_one_within_reach() {
        let closed = std::env::temp_dir().join(format!("todo-closed-{}", uuid::Uuid::now_v7()));
        fs::create_dir(&closed).unwrap();
        let wanted = closed.join("clone/.local/postgres");
        let uid = fs::metadata(&closed).unwrap().uid() + 1;
        let other = Account { uid, gid: u32::MAX - 1, is_other: true };

        fs::set_permissions(&closed, Permissions::from_mode(0o711)).unwrap();
        let open = other.within_reach(&wanted);
        fs::set_permissions(&closed, Permissions::from_mode(0o700)).unwrap();
        let replaced = other.within_reach(&wanted);

        fs::remove_dir(&closed).unwrap();
        assert_eq!(open, wanted);
        assert_eq!(replaced.parent(), Some(Path::new("/var/tmp")));
        assert_eq!(other.within_reach(&wanted.join("other")).parent(), wanted.join("other").parent());
    }

    #[test]
    fn the_name_of_a_replacement_is_stable() {
        // The published test vector of FNV-1a, 64 bits.
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
