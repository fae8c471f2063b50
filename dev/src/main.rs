//! `cargo dev`: builds the functions and the local server, showing cargo's progress, and starts the
//! server.

mod openssl;

use std::env;
use std::error::Error;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use dev::step;

fn main() -> ExitCode {
    match run() {
        Ok(never) => match never {},
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Becomes the server: signals then reach it directly.
fn run() -> Result<std::convert::Infallible, Box<dyn Error>> {
    let program = env::current_exe()?;
    let target = program.parent().ok_or("this program is in no directory")?;
    openssl::choose(&root()?.join(".local"), target)?;
    // A token needs no functions, and a test that asks for one must not have its functions
    // replaced.
    if env::args().nth(1).as_deref() == Some("token") {
        build(&["--bin", "local"])?;
    } else {
        step("Building", "the functions and the local server");
        build(&["--bins"])?;
    }
    Err(Command::new(target.join("local"))
        .args(env::args_os().skip(1))
        .exec()
        .into())
}

/// The project's folder.
fn root() -> Result<PathBuf, Box<dyn Error>> {
    let package = env::var_os("CARGO_MANIFEST_DIR").ok_or("run this with `cargo dev`")?;
    let root = Path::new(&package)
        .parent()
        .ok_or("the package is in no folder")?;
    Ok(root.to_owned())
}

/// Builds binaries, showing cargo's progress. The packages are always the same, since they
/// determine the features of their dependencies: nothing is built twice.
fn build(binaries: &[&str]) -> Result<(), Box<dyn Error>> {
    let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--package", "functions", "--package", "local"])
        .args(binaries)
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err("the build failed".into())
    }
}
