//! Which OpenSSL development uses. Building the vendored one takes minutes, so the system's is used
//! if its headers are there or can be installed. Deployed functions always carry the vendored one
//! (shared/build.rs).

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use dev::step;

/// Included by .cargo/config.toml, so that `cargo test` and `cargo dev` agree and share what they
/// build.
const FILE: &str = "cargo.toml";
const SETTINGS: &str = "\
# Written by `cargo dev`: development uses the system's OpenSSL, which need not be built.
[env]
OPENSSL_NO_VENDOR = \"1\"
";

/// Settles on an OpenSSL before anything is built, and then stays with it.
pub(crate) fn choose(local: &Path, target: &Path) -> io::Result<()> {
    let file = local.join(FILE);
    if !file.exists() && is_vendored(target) {
        return Ok(());
    }
    if has_headers() || install() {
        step("Using", "the system's OpenSSL (see .local/cargo.toml)");
        fs::create_dir_all(local)?;
        return fs::write(file, SETTINGS);
    }
    step(
        "Building",
        "OpenSSL as well, which takes minutes: its headers and pkg-config are not installed",
    );
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Whether the vendored OpenSSL has been built, which is the long part.
fn is_vendored(target: &Path) -> bool {
    let builds = target
        .join("build")
        .read_dir()
        .into_iter()
        .flatten()
        .flatten();
    builds
        .filter(|build| {
            build
                .file_name()
                .to_string_lossy()
                .starts_with("openssl-sys-")
        })
        .any(|build| build.path().join("out/openssl-build").exists())
}

/// Whether `openssl-sys` will find the headers.
fn has_headers() -> bool {
    let homebrew = ["/opt/homebrew/opt/openssl@3", "/usr/local/opt/openssl@3"];
    let is_on_mac =
        cfg!(target_os = "macos") && homebrew.iter().any(|path| Path::new(path).exists());
    is_on_mac || succeeds(Command::new("pkg-config").args(["--exists", "openssl >= 3.0.0"]))
}

/// Installs the headers if it can.
fn install() -> bool {
    let packages = ["libssl-dev", "pkg-config"];
    dev::can_install() && dev::install(&packages).is_ok() && has_headers()
}

fn succeeds(command: &mut Command) -> bool {
    let quiet = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}
