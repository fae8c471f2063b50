//! The launcher with a fake cargo, `pkg-config` and server.

#![cfg(test)]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

const SETTINGS: &str = ".local/cargo.toml";

/// A project whose target directory has the launcher and a server that prints its arguments.
fn project() -> TempDir {
    let project = tempfile::tempdir().unwrap();
    fs::create_dir_all(project.path().join("target/build")).unwrap();
    fs::create_dir(project.path().join("bin")).unwrap();
    fs::copy(env!("CARGO_BIN_EXE_dev"), project.path().join("target/dev")).unwrap();
    script(&project.path().join("target/local"), "echo serving \"$@\"");
    script(&project.path().join("bin/id"), "echo 1000");
    script(&project.path().join("bin/cargo"), "echo cargo \"$@\" >&2");
    project
}

fn script(file: &Path, text: &str) {
    fs::write(file, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(file, Permissions::from_mode(0o755)).unwrap();
}

fn dev(project: &TempDir, arguments: &[&str]) -> Output {
    let path = project.path();
    let mut command = Command::new(path.join("target/dev"));
    command
        .args(arguments)
        .env("PATH", path.join("bin"))
        .env("CARGO", path.join("bin/cargo"));
    command
        .env("CARGO_MANIFEST_DIR", path.join("dev"))
        .output()
        .unwrap()
}

#[test]
fn it_builds_and_becomes_the_server() {
    let output = dev(&project(), &["--port", "9001"]);

    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.stdout, b"serving --port 9001\n");
    assert!(
        stderr.contains("    Building the functions and the local server\n"),
        "{stderr}"
    );
    assert!(
        stderr.contains("cargo build --package functions --package local --bins\n"),
        "{stderr}"
    );
}

#[test]
fn a_token_does_not_need_the_functions() {
    let output = dev(&project(), &["token", "ann"]);

    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.stdout, b"serving token ann\n");
    assert!(
        stderr.ends_with("cargo build --package functions --package local --bin local\n"),
        "{stderr}"
    );
}

#[test]
fn a_failed_build_ends_it_with_an_error() {
    let project = project();
    script(&project.path().join("bin/cargo"), "exit 101");

    let output = dev(&project, &[]);

    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr.ends_with("error: the build failed\n"), "{stderr}");
    assert!(output.stdout.is_empty());
}

#[test]
fn the_systems_openssl_is_used_where_its_headers_are() {
    let project = project();
    script(&project.path().join("bin/pkg-config"), "exit 0");

    let output = dev(&project, &[]);

    let settings = fs::read_to_string(project.path().join(SETTINGS)).unwrap();
    assert!(
        settings.ends_with("[env]\nOPENSSL_NO_VENDOR = \"1\"\n"),
        "{settings}"
    );
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("Using the system's OpenSSL")
    );
}

#[test]
#[cfg(not(target_os = "macos"))]
fn without_headers_openssl_is_built() {
    let project = project();
    script(&project.path().join("bin/pkg-config"), "exit 1");
    fs::create_dir(project.path().join(".local")).unwrap();
    fs::write(
        project.path().join(SETTINGS),
        "from when there were headers",
    )
    .unwrap();

    let output = dev(&project, &[]);

    assert!(output.status.success());
    assert!(!project.path().join(SETTINGS).exists());
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("Building OpenSSL as well")
    );
}

#[test]
fn a_vendored_openssl_that_has_been_built_stays_in_use() {
    let project = project();
    script(&project.path().join("bin/pkg-config"), "exit 0");
    let built = project
        .path()
        .join("target/build/openssl-sys-0123/out/openssl-build");
    fs::create_dir_all(built).unwrap();

    let output = dev(&project, &[]);

    assert!(output.status.success());
    assert!(!project.path().join(SETTINGS).exists());
}
