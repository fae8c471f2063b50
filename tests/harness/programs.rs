//! Programs that some tests need beside Rust and PostgreSQL.

use std::process::Command;

/// Whether all of them are installed. If one is not, the test is skipped and says so; under `CI=true` it fails.
pub fn have(programs: &[&str]) -> bool {
    let missing = programs.iter().find(|program| Command::new(program).arg("--version").output().is_err());
    if let Some(missing) = missing {
        assert!(std::env::var_os("CI").is_none(), "{missing} is not installed");
        eprintln!("SKIPPED: {missing} is not installed");
    }
    missing.is_none()
}
