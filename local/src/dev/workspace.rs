//! The folder of the project, and `.local` in it.

use std::env;
use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::DevError;
use super::environment::variable;

pub(super) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// The folder that holds template.yaml: that of the package that `cargo run` runs, else the current
    /// one, or one that they are in.
    pub(super) fn find() -> Result<Self, DevError> {
        let starts = [
            env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from),
            env::current_dir().ok(),
        ];
        starts
            .iter()
            .flatten()
            .flat_map(|start| start.ancestors())
            .find(|folder| folder.join("template.yaml").is_file())
            .map(|root| Self {
                root: root.to_owned(),
            })
            .ok_or(DevError::NoWorkspace)
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn template(&self) -> PathBuf {
        self.root.join("template.yaml")
    }

    /// `.local`, made if it is not there. Others may pass but not look: PostgreSQL may run as another user.
    pub(super) fn private(&self) -> Result<PathBuf, DevError> {
        let path = self.root.join(".local");
        let made = match fs::create_dir(&path) {
            // Not with the directory, where the umask would have its say.
            Ok(()) => fs::set_permissions(&path, Permissions::from_mode(0o711)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
        };
        made.map(|()| path.clone())
            .map_err(|source| DevError::Private { path, source })
    }

    /// The secret that signs tokens: that of the environment, else a random one, kept so that tokens
    /// outlast a restart.
    pub(super) fn secret(&self) -> Result<String, DevError> {
        if let Some(secret) = variable("BETTER_AUTH_SECRET") {
            return Ok(secret);
        }
        let path = self.private()?.join("secret");
        kept(&path).map_err(|source| DevError::Private { path, source })
    }
}

/// The secret in the file, which is made if it is not there. With 244 random bits it is as strong as
/// production's has to be.
fn kept(path: &Path) -> io::Result<String> {
    let random = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    match OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
    {
        Ok(mut file) => writeln!(file, "{random}").map(|()| random),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Ok(fs::read_to_string(path)?.trim_end().to_owned())
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn the_secret_is_kept_and_only_for_its_owner() {
        let root = env::temp_dir().join(format!("todo-workspace-{}", Uuid::now_v7()));
        fs::create_dir(&root).unwrap();
        let file = Workspace { root: root.clone() }
            .private()
            .unwrap()
            .join("secret");

        let (first, second) = (kept(&file).unwrap(), kept(&file).unwrap());
        let modes =
            [file.parent().unwrap(), &file].map(|path| fs::metadata(path).unwrap().mode() & 0o777);

        fs::remove_dir_all(&root).unwrap();
        assert_eq!(first, second);
        assert_eq!(first.len(), 64);
        assert_eq!(modes, [0o711, 0o600]);
    }
}
