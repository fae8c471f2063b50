//! Building the functions.

use std::env;
use std::path::PathBuf;

use tokio::process::Command;

use super::DevError;
use super::workspace::Workspace;

/// Builds the functions as this program was built: with all packages selected, so that what they share is
/// not built anew with other features. Gives the directory of their binaries: this program's.
/// Cargo shows its progress and errors on stderr.
pub(super) async fn functions(workspace: &Workspace) -> Result<PathBuf, DevError> {
    let program = env::current_exe().map_err(DevError::Cargo)?;
    let directory = program.parent().map(PathBuf::from).unwrap_or_default();
    let profile = match directory.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(profile) => profile,
    };
    let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--bins", "--profile", profile])
        .current_dir(workspace.root())
        .kill_on_drop(true)
        .status()
        .await
        .map_err(DevError::Cargo)?;
    if status.success() {
        Ok(directory)
    } else {
        Err(DevError::Build)
    }
}
