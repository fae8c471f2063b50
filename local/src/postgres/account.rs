//! The user that PostgreSQL runs as: it refuses to run as root.

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use nix::unistd::{User, chown, geteuid};

use super::new_name;

/// The user of PostgreSQL's processes and files, if it is not the one that runs this process.
#[derive(Clone, Debug)]
pub(super) struct Account(Option<User>);

impl Account {
    /// The current user; for root, `postgres` if it exists, else `nobody`.
    pub(super) fn choose() -> Result<Self> {
        if !geteuid().is_root() {
            return Ok(Self(None));
        }
        let mut names = ["postgres", "nobody"].iter();
        let user = names.find_map(|name| User::from_name(name).ok()?);
        let reason = "PostgreSQL does not run as root, and no user postgres or nobody exists";
        Ok(Self(Some(user.context(reason)?)))
    }

    /// A command that runs as this user.
    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        if let Some(user) = &self.0 {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        command
    }

    /// Creates `wanted`, closed to all other users, or another directory if this user cannot reach
    /// that one: root's home, with the clone in it, may be closed to others. If the other directory
    /// is kept, a link at `wanted` leads to it; without the link it is forgotten.
    pub(super) fn directory(&self, wanted: &Path, kept: bool) -> Result<PathBuf> {
        let directory = match fs::read_link(wanted) {
            Ok(place) => place,
            Err(_) if self.may_enter_parent(wanted)? => wanted.to_owned(),
            Err(_) => {
                ensure!(
                    !wanted.exists(),
                    "PostgreSQL's user cannot reach it any more"
                );
                // Not `temp_dir`: this one must survive a reboot.
                let place = Path::new("/var/tmp").join(new_name());
                if kept {
                    symlink(&place, wanted)?;
                }
                place
            }
        };
        fs::create_dir_all(&directory)?;
        // In /var/tmp anybody may have put something else there first, such as a link.
        let metadata = fs::symlink_metadata(&directory)?;
        let users = self.0.iter().map(|user| user.uid).chain([geteuid()]);
        let is_ours = users
            .into_iter()
            .any(|user| user.as_raw() == metadata.uid());
        ensure!(metadata.is_dir() && is_ours, "it belongs to another user");
        self.give(&directory, 0o700)?;
        Ok(directory)
    }

    /// Gives a file or directory to this user.
    pub(super) fn give(&self, path: &Path, mode: u32) -> Result<()> {
        fs::set_permissions(path, Permissions::from_mode(mode))?;
        if let Some(user) = &self.0 {
            chown(path, Some(user.uid), Some(user.gid))?;
        }
        Ok(())
    }

    /// Whether this user can reach what is in the parent of `wanted`, which is created if it does
    /// not exist.
    fn may_enter_parent(&self, wanted: &Path) -> Result<bool> {
        let parent = wanted.parent().context("it has no parent")?;
        fs::create_dir_all(parent)?;
        Ok(self.0.is_none()
            || self
                .command("test")
                .arg("-x")
                .arg(parent)
                .status()?
                .success())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_cannot_be_reached_is_replaced_for_root() {
        let closed = std::env::temp_dir().join(format!("todo-closed-{}", uuid::Uuid::now_v7()));
        let local = closed.join("clone/.local");
        fs::create_dir_all(&local).unwrap();
        let (open, wanted) = (local.join("open"), local.join("postgres"));
        let account = Account::choose().unwrap();
        let directory = |wanted, kept| account.directory(wanted, kept).unwrap();
        let close = |mode| fs::set_permissions(&closed, Permissions::from_mode(mode)).unwrap();

        close(0o711);
        let reached = directory(&open, true);
        close(0o700);
        let temporary = directory(&wanted, false);
        let is_link = fs::read_link(&wanted).is_ok();
        let kept = [directory(&wanted, true), directory(&wanted, true)];
        let unreachable = account.directory(&open, true);
        fs::remove_dir_all(&local).unwrap();
        let new = directory(&wanted, true);

        fs::remove_dir_all(&closed).unwrap();
        assert_eq!(reached, open);
        assert_eq!(kept[0], kept[1]);
        assert!(!is_link);
        if account.0.is_none() {
            assert_eq!((&temporary, &new), (&wanted, &wanted));
            return;
        }
        for place in [&temporary, &kept[0], &new] {
            assert_eq!(place.parent(), Some(Path::new("/var/tmp")));
            fs::remove_dir_all(place).unwrap();
        }
        assert!(temporary != kept[0] && kept[0] != new);
        assert!(unreachable.unwrap_err().to_string().contains("any more"));
    }
}
