//! `cargo dev` as a process: what it prints, and that it leaves nothing behind.

#![cfg(test)]

mod ending;
#[path = "../fixtures/mod.rs"]
mod fixtures;
mod output;
mod project;
