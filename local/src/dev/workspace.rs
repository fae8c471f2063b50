//! The folder of the project, and `.local` in it.

use std::env;
use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use uuid::Uuid;

use super::settings::variable;

/// The project's folder.
pub(super) struct Workspace(pub(super) PathBuf);

impl Workspace {
    /// The folder of template.yaml: the one of the package that `cargo run` runs, or the current
    /// one, or a parent of these.
    pub(super) fn find() -> Result<Self> {
        let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let starts = [package, env::current_dir().ok()];
        let mut folders = starts.iter().flatten().flat_map(|start| start.ancestors());
        let root = folders.find(|folder| folder.join("template.yaml").is_file());
        let reason = "there is no template.yaml here: run this in the project's folder";
        Ok(Self(root.context(reason)?.to_owned()))
    }

    /// `.local`, created if it does not exist. Other users may enter it but not list it: PostgreSQL
    /// may run as one of them.
    pub(super) fn private(&self) -> Result<PathBuf> {
        let path = self.0.join(".local");
        fs::create_dir_all(&path)
            // Not while creating it, when the umask would interfere.
            .and_then(|()| fs::set_permissions(&path, Permissions::from_mode(0o711)))
            .with_context(|| path.display().to_string())?;
        Ok(path)
    }

    /// The secret that signs tokens: `BETTER_AUTH_SECRET`, else a random one, kept so that tokens
    /// survive a restart.
    pub(super) fn secret(&self) -> Result<String> {
        if let Some(secret) = variable("BETTER_AUTH_SECRET") {
            return Ok(secret);
        }
        let path = self.private()?.join("secret");
        kept(&path).with_context(|| path.display().to_string())
    }
}

/// The secret in the file, which is created if it does not exist. With 244 random bits it is as
/// strong as production requires.
fn kept(path: &Path) -> io::Result<String> {
    if let Ok(secret) = fs::read_to_string(path) {
        return Ok(secret.trim_end().to_owned());
    }
    let random = [Uuid::new_v4(), Uuid::new_v4()].map(|uuid| uuid.simple().to_string());
    let secret = random.concat();
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    writeln!(file?, "{secret}")?;
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn the_secret_is_kept_and_readable_by_its_owner_only() {
        let root = env::temp_dir().join(format!("todo-workspace-{}", Uuid::now_v7()));
        fs::create_dir(&root).unwrap();
        let file = Workspace(root.clone()).private().unwrap().join("secret");

        let (first, second) = (kept(&file).unwrap(), kept(&file).unwrap());
        let modes =
            [file.parent().unwrap(), &file].map(|path| fs::metadata(path).unwrap().mode() & 0o777);

        fs::remove_dir_all(&root).unwrap();
        assert_eq!(first, second);
        assert_eq!(first.len(), 64);
        assert_eq!(modes, [0o711, 0o600]);
    }
}
