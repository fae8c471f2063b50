//! `cargo dev` as a process: what it says, and that it leaves nothing behind.

#![cfg(test)]

mod ending;
#[path = "../fixtures/mod.rs"]
mod fixtures;
mod project;
mod saying;
