//! The user that PostgreSQL runs as: it refuses to run as root.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use nix::unistd::{User, getegid, geteuid};

use super::new_name;

/// The user and group of PostgreSQL's processes and files.
#[derive(Clone, Copy, Debug)]
pub(super) struct Account {
    uid: u32,
    gid: u32,
    /// Whether this process runs as another user.
    is_other: bool,
}

impl Account {
    /// The current user; for root, `postgres` if it exists, else `nobody`.
    pub(super) fn choose() -> Result<Self> {
        if !geteuid().is_root() {
            let (uid, gid) = (geteuid().as_raw(), getegid().as_raw());
            return Ok(Self {
                uid,
                gid,
                is_other: false,
            });
        }
        let users = ["postgres", "nobody"].map(|name| User::from_name(name).ok().flatten());
        let user = users.into_iter().flatten().find(|user| !user.uid.is_root());
        let user =
            user.context("PostgreSQL does not run as root, and no user postgres or nobody exists")?;
        Ok(Self {
            uid: user.uid.as_raw(),
            gid: user.gid.as_raw(),
            is_other: true,
        })
    }

    /// Makes `command` run as this user.
    pub(super) fn run<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        if self.is_other {
            command.uid(self.uid).gid(self.gid)
        } else {
            command
        }
    }

    /// The directory to use in place of `wanted` if this user cannot reach that one: root's home,
    /// with the clone in it, may be closed to others. If it is kept, a link at `wanted` leads
    /// to it; without the link it is forgotten.
    pub(super) fn within_reach(&self, wanted: &Path, kept: bool) -> io::Result<PathBuf> {
        if let Ok(place) = fs::read_link(wanted) {
            return Ok(place);
        }
        let mut ancestors = wanted.ancestors().skip(1);
        if !self.is_other || ancestors.all(|ancestor| self.may_pass(ancestor)) {
            return Ok(wanted.to_owned());
        }
        if wanted.exists() {
            return Err(io::Error::other(
                "PostgreSQL's user cannot reach it any more",
            ));
        }
        // Not `temp_dir`: this one must survive a reboot.
        let place = Path::new("/var/tmp").join(new_name());
        if kept {
            wanted.parent().map_or(Ok(()), fs::create_dir_all)?;
            symlink(&place, wanted)?;
        }
        Ok(place)
    }

    /// Creates the directory, closed to all other users.
    pub(super) fn own(&self, directory: &Path) -> io::Result<()> {
        fs::create_dir_all(directory)?;
        // In /var/tmp anybody may have put something else there first, such as a link.
        let metadata = fs::symlink_metadata(directory)?;
        let is_ours = [self.uid, geteuid().as_raw()].contains(&metadata.uid());
        if !metadata.is_dir() || !is_ours {
            return Err(io::Error::other("it belongs to another user"));
        }
        self.give(directory, 0o700)
    }

    /// Gives a file or directory to this user.
    pub(super) fn give(&self, path: &Path, mode: u32) -> io::Result<()> {
        fs::set_permissions(path, Permissions::from_mode(mode))?;
        if self.is_other {
            chown(path, Some(self.uid), Some(self.gid))
        } else {
            Ok(())
        }
    }

    /// Whether this user may pass through `directory`. One that does not exist yet will be created.
    fn may_pass(&self, directory: &Path) -> bool {
        let Ok(metadata) = fs::metadata(directory) else {
            return true;
        };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_cannot_be_reached_is_replaced() {
        let closed = std::env::temp_dir().join(format!("todo-closed-{}", uuid::Uuid::now_v7()));
        fs::create_dir(&closed).unwrap();
        let local = closed.join("clone/.local");
        let uid = fs::metadata(&closed).unwrap().uid() + 1;
        let other = Account {
            uid,
            gid: u32::MAX - 1,
            is_other: true,
        };
        let within_reach = |kept| other.within_reach(&local.join("postgres"), kept).unwrap();

        fs::set_permissions(&closed, Permissions::from_mode(0o711)).unwrap();
        let open = within_reach(true);
        fs::set_permissions(&closed, Permissions::from_mode(0o700)).unwrap();
        let temporary = within_reach(false);
        let is_link = fs::read_link(local.join("postgres")).is_ok();
        let kept = [within_reach(true), within_reach(true)];
        fs::remove_dir_all(&local).unwrap();
        let new = within_reach(true);

        fs::remove_dir_all(&closed).unwrap();
        assert_eq!(open, local.join("postgres"));
        for place in [&temporary, &kept[0], &new] {
            assert_eq!(place.parent(), Some(Path::new("/var/tmp")));
        }
        assert_eq!(kept[0], kept[1]);
        assert!(!is_link && temporary != kept[0] && kept[0] != new);
    }
}
