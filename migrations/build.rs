//! Rebuilds when a migration is added or, before it has landed, edited: the macro that embeds them
//! does not tell cargo which files it read.

fn main() {
    println!("cargo::rerun-if-changed=.");
}
