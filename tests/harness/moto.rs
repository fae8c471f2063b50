//! AWS SSM Parameter Store, emulated by moto (`tests/moto`).

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Once;

use serde_json::Value;

use super::{have_python, root};

/// A running server. Dropping it ends it.
pub struct Moto {
    process: Child,
    ready: Value,
}

/// The role of a function.
#[derive(Clone, Copy)]
pub enum Role {
    /// May call `ssm:GetParametersByPath`, and nothing else.
    Allowed,
    /// May do nothing.
    Denied,
}

/// A key to AWS.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    pub id: &'a str,
    pub secret: &'a str,
    pub token: &'a str,
}

impl Moto {
    /// Starts a server with these parameters; none if the test is skipped because Python is
    /// missing.
    pub fn start(parameters: &[(&str, &str)]) -> Option<Self> {
        if !have_python() {
            return None;
        }
        let parameters: BTreeMap<_, _> = parameters.iter().copied().collect();
        let mut process = Command::new(install().join("bin/python"))
            .arg(folder().join("server.py"))
            .arg(serde_json::to_string(&parameters).unwrap())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let ready = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        Some(Self { process, ready })
    }

    pub fn url(&self) -> &str {
        self.ready["url"].as_str().unwrap()
    }

    pub fn port(&self) -> u16 {
        self.url().rsplit(':').next().unwrap().parse().unwrap()
    }

    /// The credentials that Lambda gives to a function with this role.
    pub fn credentials(&self, role: Role) -> Credentials<'_> {
        let name = match role {
            Role::Allowed => "allowed",
            Role::Denied => "denied",
        };
        let [id, secret, token] =
            ["id", "secret", "token"].map(|part| self.ready[name][part].as_str().unwrap());
        Credentials { id, secret, token }
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn folder() -> PathBuf {
    root().join("tests/moto")
}

/// Installs the packages of requirements.txt into a virtual environment under `target/`, unless
/// they are there. Tests that run at the same time install them once.
fn install() -> PathBuf {
    static INSTALL: Once = Once::new();
    let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join("moto");
    INSTALL.call_once(|| {
        let wanted = fs::read_to_string(folder().join("requirements.txt")).unwrap();
        // Written last, so that an interrupted installation is repeated.
        let installed = environment.join("requirements.txt");
        if fs::read_to_string(&installed).is_ok_and(|installed| installed == wanted) {
            return;
        }
        run(Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&environment));
        let requirements = folder().join("requirements.txt");
        run(Command::new(environment.join("bin/pip"))
            .args(["install", "--quiet", "-r"])
            .arg(requirements));
        fs::write(installed, wanted).unwrap();
    });
    environment
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {output:?}");
}
