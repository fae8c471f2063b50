//! Programs that some tests need in addition to Rust and PostgreSQL.

use std::process::Command;

/// Whether all of them are installed. If one is not, the test is skipped and says so; under
/// `CI=true` it fails.
pub fn have(programs: &[&str]) -> bool {
    programs.iter().all(|program| {
        is_installed(
            program,
            Command::new(program).arg("--version").output().is_ok(),
        )
    })
}

/// Whether Python is installed, with the module for virtual environments, which Debian puts into a
/// separate package.
pub fn have_python() -> bool {
    let venv = Command::new("python3")
        .args(["-c", "import ensurepip"])
        .output();
    have(&["python3"])
        && is_installed(
            "python3-venv",
            venv.is_ok_and(|output| output.status.success()),
        )
}

fn is_installed(program: &str, found: bool) -> bool {
    if !found {
        assert!(
            std::env::var_os("CI").is_none(),
            "{program} is not installed"
        );
        eprintln!("SKIPPED: {program} is not installed");
    }
    found
}
