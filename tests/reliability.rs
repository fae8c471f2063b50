//! Nothing lost, nothing done twice: faults, histories and load. `bash tests/reliability.sh` prints what is measured.

#![expect(unreachable_pub, reason = "a test target exports nothing")]
#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

mod faults;
#[expect(
    dead_code,
    unused_imports,
    reason = "the rest is for the tests of the contract"
)]
mod harness;
mod histories;
mod load;
