//! Every test and file named in docs/security.md exists.

use std::fs::{read_dir, read_to_string};
use std::path::Path;

use crate::harness::root;

/// The Rust files in a folder and its subfolders.
pub fn sources(folder: &Path) -> Vec<String> {
    let entries = read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let texts = entries.map(|path| match path.extension() {
        _ if path.is_dir() => sources(&path),
        Some(extension) if extension == "rs" => vec![read_to_string(path).unwrap()],
        _ => Vec::new(),
    });
    texts.flatten().collect()
}

#[test]
fn every_test_and_file_named_in_the_threat_model_exists() {
    let code = ["tests", "shared/src"]
        .map(|folder| sources(&root().join(folder)).concat())
        .concat();
    let page = read_to_string(root().join("docs/security.md")).unwrap();
    let (mut tests, mut files) = (0, 0);
    for row in page
        .lines()
        .filter(|line| line.matches(" | ").count() == 2 && line.contains('`'))
    {
        let shown_by = row.rsplit(" | ").next().unwrap();
        for name in shown_by.split('`').skip(1).step_by(2) {
            if name.contains(['/', '.']) {
                files += 1;
                assert!(root().join(name).is_file(), "{name}");
            } else {
                tests += 1;
                let test = format!("fn {name}()");
                let (before, _) = code
                    .split_once(&test)
                    .unwrap_or_else(|| panic!("{name} is not a test"));
                assert!(
                    before
                        .lines()
                        .rev()
                        .take(4)
                        .any(|line| line.contains("test")),
                    "{name} is not a test"
                );
            }
        }
    }
    assert!(tests > 30 && files > 3, "{tests} tests, {files} files");
}
