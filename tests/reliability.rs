//! Nothing is lost and nothing is done twice: faults, histories and load. `bash
//! tests/reliability.sh` prints the measurements.

#![expect(unreachable_pub, reason = "a test target exports nothing")]
#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

mod faults;
#[expect(dead_code, unused_imports, reason = "the contract tests use the rest")]
mod harness;
mod histories;
mod load;
