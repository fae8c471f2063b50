//! The programs that are measured, built as they are deployed.

use std::env;
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, anyhow};

use local::template::{Function, Template};
use zip::write::SimpleFileOptions;

use crate::figures::{number, written};
use crate::report::{BenchResults, Table};
use crate::targets::Targets;

/// The name of the floor, a function that only says hello.
pub(crate) const FLOOR: &str = "floor";

/// Binaries, and the template's settings for them.
pub(crate) struct Programs {
    pub(crate) root: PathBuf,
    pub(crate) directory: PathBuf,
    pub(crate) functions: Vec<Function>,
}

impl Programs {
    /// Builds the programs next to this one, unless `given` is their directory.
    pub(crate) fn get(given: Option<&Path>) -> Result<Self> {
        let root = testbed::root().canonicalize()?;
        let own = env::current_exe()?;
        let directory = given.or(own.parent()).unwrap_or(&root).canonicalize()?;
        if given.is_none() {
            // One at a time, so that neither adds features to the other; `ssm` is part of what is deployed.
            for selection in [
                &["--package", "functions", "--features", "ssm", "--bins"][..],
                &["--package", "bench", "--bin", FLOOR],
            ] {
                cargo_build(&root, selection)?;
            }
        }
        let mut functions = Template::read(&root.join("template.yaml"), |_| None)?.functions;
        let floor = functions.first().map(|function| Function {
            binary: FLOOR.to_owned(),
            ..function.clone()
        });
        functions.extend(floor);
        // A given directory may hold only some of the programs.
        functions.retain(|function| directory.join(&function.binary).is_file());
        Ok(Self {
            root,
            directory,
            functions,
        })
    }

    /// Whether there is a program of this name.
    pub(crate) fn have(&self, name: &str) -> bool {
        self.functions
            .iter()
            .any(|function| function.binary == name)
    }

    /// The sizes of the stripped binaries, and of their archives.
    pub(crate) fn sizes(&self, targets: &mut Targets) -> Result<BenchResults> {
        let mut table = Table::new("Size", &["function", "bootstrap MB", "zipped MB"]);
        let mut largest = [0.0_f64; 2];
        for function in &self.functions {
            let program = fs::read(self.directory.join(&function.binary))?;
            let sizes = [program.len(), zipped(&program)?].map(|bytes| number(bytes) / 1e6);
            largest = [0, 1].map(|index| largest[index].max(sizes[index]));
            table.row(
                [function.binary.clone()]
                    .into_iter()
                    .chain(sizes.map(written)),
            );
        }
        targets.at_most("largest bootstrap, MB", largest[0], 6.0);
        targets.at_most("the same zipped, MB", largest[1], 2.5);
        Ok(BenchResults::new(
            "sizes",
            Some(table.plot("MB", 1, 1)),
            table,
        ))
    }
}

fn cargo_build(root: &Path, selection: &[&str]) -> Result<()> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--release"])
        .args(selection)
        .current_dir(root)
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err(anyhow!("the build failed"))
    }
}

fn zipped(program: &[u8]) -> Result<usize> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file(
        "bootstrap",
        SimpleFileOptions::default().unix_permissions(0o755),
    )?;
    archive.write_all(program)?;
    Ok(archive.finish()?.into_inner().len())
}
