//! The crate is built in layers: each module imports only from below, by its own path, and no two
//! files import each other, not even indirectly.

#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::{Item, ItemUse, UseTree};

/// The layers, the lowest first. Modules on one line do not import each other.
const LAYERS: [&[&str]; 5] = [
    &["net", "domain"],
    &["auth"],
    &["store"],
    &["http"],
    &["runtime"],
];

/// A module's path within the crate, such as `["store", "tasks"]`.
type ModulePath = Vec<String>;

struct Module {
    path: ModulePath,
    /// What it imports from this crate, as absolute paths.
    imports: Vec<ModulePath>,
    /// What it re-exports, by the name that it gives it.
    exports: BTreeMap<String, ModulePath>,
}

#[test]
fn every_module_imports_only_from_the_layers_below() {
    let mut wrong = Vec::new();
    for module in modules() {
        let layer = layer(&module.path[0]);
        for import in &module.imports {
            let is_below = import.len() > 1
                && (import[0] == module.path[0] || self::layer(&import[0]) < layer);
            if !is_below {
                wrong.push(format!(
                    "{} imports {}",
                    module.path.join("::"),
                    import.join("::")
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let modules = modules();
    let exports: BTreeMap<_, _> = modules
        .iter()
        .map(|module| (&module.path, &module.exports))
        .collect();
    let mut graph: BTreeMap<ModulePath, BTreeSet<ModulePath>> = BTreeMap::new();
    for module in &modules {
        let imported = module
            .imports
            .iter()
            .map(|import| file_of(import, &exports));
        let others = imported.filter(|other| *other != module.path);
        graph.insert(module.path.clone(), others.collect());
    }
    // A file that imports none of the remaining ones is not part of a circle.
    while let Some(leaf) = graph.iter().find(|(_, imports)| imports.is_empty()) {
        let leaf = leaf.0.clone();
        graph.remove(&leaf);
        for imports in graph.values_mut() {
            imports.remove(&leaf);
        }
    }
    assert!(
        graph.is_empty(),
        "in a circle, or importing one: {graph:#?}"
    );
}

#[test]
fn only_the_caller_makes_a_session() {
    let making = files().into_iter().filter(|file| {
        let code = fs::read_to_string(file).unwrap();
        code.contains("Session::new(")
    });
    let making: Vec<_> = making.collect();
    assert_eq!(making, [source().join("http/request/caller.rs")]);
}

fn layer(name: &str) -> usize {
    let layer = LAYERS.iter().position(|names| names.contains(&name));
    layer.unwrap_or_else(|| panic!("{name} is not in a layer"))
}

/// The module whose file declares what the path names: re-exports lead there.
fn file_of(
    path: &ModulePath,
    exports: &BTreeMap<&ModulePath, &BTreeMap<String, ModulePath>>,
) -> ModulePath {
    for length in (1..=path.len()).rev() {
        let module = path[..length].to_vec();
        let Some(exports_of_module) = exports.get(&module) else {
            continue;
        };
        let item = path
            .get(length)
            .and_then(|name| exports_of_module.get(name));
        return item.map_or(module, |target| file_of(target, exports));
    }
    panic!("{path:?} is not in this crate")
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut directories = vec![source()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files
}

/// Every module but the root, which only declares modules.
fn modules() -> Vec<Module> {
    let files = files()
        .into_iter()
        .filter(|file| *file != source().join("lib.rs"));
    let modules: Vec<_> = files.map(|file| module(&file)).collect();
    assert!(
        modules.len() > 50,
        "only {} modules were found",
        modules.len()
    );
    modules
}

fn module(file: &Path) -> Module {
    let relative = file.strip_prefix(source()).unwrap().with_extension("");
    let names = relative
        .iter()
        .map(|name| name.to_str().unwrap().to_owned());
    let mut path: ModulePath = names.collect();
    if path.last().is_some_and(|name| name == "mod") {
        path.pop();
    }
    let mut module = Module {
        path,
        imports: Vec::new(),
        exports: BTreeMap::new(),
    };
    let code = syn::parse_file(&fs::read_to_string(file).unwrap()).unwrap();
    for item in code.items {
        if let Item::Use(import) = item {
            module.add(&import);
        }
    }
    module
}

impl Module {
    fn add(&mut self, import: &ItemUse) {
        let mut paths = Vec::new();
        flatten(&import.tree, &[], &mut paths);
        for (path, name) in paths {
            let Some(path) = self.absolute(&path) else {
                continue;
            };
            if matches!(import.vis, syn::Visibility::Inherited) {
                self.imports.push(path);
            } else {
                self.exports.insert(name, path);
            }
        }
    }

    /// The path from the root of the crate; `None` if it leads out of the crate.
    fn absolute(&self, path: &[String]) -> Option<ModulePath> {
        match path[0].as_str() {
            "crate" => Some(path[1..].to_vec()),
            "super" => {
                let parent = &self.path[..self.path.len() - 1];
                Some([parent, &path[1..]].concat())
            }
            "self" => Some([&self.path[..], &path[1..]].concat()),
            name => {
                let child = [&self.path[..], &[name.to_owned()]].concat();
                let file: PathBuf = child.iter().collect();
                let file = source().join(file);
                let exists = file.with_extension("rs").is_file() || file.join("mod.rs").is_file();
                exists.then(|| [&self.path[..], path].concat())
            }
        }
    }
}

/// Each path of a tree of imports, with the name that it gets.
fn flatten(tree: &UseTree, before: &[String], paths: &mut Vec<(Vec<String>, String)>) {
    let extended = |name: &syn::Ident| [before, &[name.to_string()]].concat();
    match tree {
        UseTree::Path(path) => flatten(&path.tree, &extended(&path.ident), paths),
        UseTree::Name(name) if name.ident == "self" => {
            paths.push((before.to_vec(), before.last().cloned().unwrap_or_default()));
        }
        UseTree::Name(name) => paths.push((extended(&name.ident), name.ident.to_string())),
        UseTree::Rename(name) => paths.push((extended(&name.ident), name.rename.to_string())),
        UseTree::Group(group) => {
            for tree in &group.items {
                flatten(tree, before, paths);
            }
        }
        UseTree::Glob(_) => paths.push((before.to_vec(), "*".to_owned())),
    }
}
