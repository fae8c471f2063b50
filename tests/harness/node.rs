//! Programs of `tests/` that are written for Node.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::root;

/// A copy of a folder with a package.json, and its packages. It is under target/, so that the
/// project stays clean.
pub struct Node {
    place: PathBuf,
}

impl Node {
    /// Copies `tests/<folder>`, and installs the packages of its package-lock.json unless they are
    /// there.
    pub fn install(folder: &str) -> Self {
        let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
        fs::create_dir_all(&place).unwrap();
        let installed = fs::read(place.join("package-lock.json")).ok();
        // A file that was deleted from the folder would still be compiled.
        for file in files(&place) {
            fs::remove_file(file).unwrap();
        }
        for file in files(&root().join("tests").join(folder)) {
            fs::copy(&file, place.join(file.file_name().unwrap())).unwrap();
        }
        let node = Self { place };
        let complete = node.place.join("node_modules/.package-lock.json").is_file();
        if !complete || installed != fs::read(node.place.join("package-lock.json")).ok() {
            node.run("npm", &["ci", "--no-audit", "--no-fund"]);
        }
        node
    }

    /// Runs a program, which must succeed, and returns its output. A name with a `/` is a path in
    /// this folder.
    pub fn run(&self, program: &str, arguments: &[&str]) -> String {
        let path = if program.contains('/') {
            self.place.join(program)
        } else {
            program.into()
        };
        let run = Command::new(path)
            .args(arguments)
            .current_dir(&self.place)
            .output()
            .unwrap();
        let [output, errors] =
            [run.stdout, run.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        assert!(
            run.status.success(),
            "{program}: {}\n{output}\n{errors}",
            run.status
        );
        output
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_file()).collect()
}
