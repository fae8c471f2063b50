//! Deployed functions carry their own OpenSSL. Development may use the system's
//! (dev/src/openssl.rs), and that must never end up in a release.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is_release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    // From openssl-sys, when it has built OpenSSL itself.
    let is_vendored = env::var_os("DEP_OPENSSL_VENDORED").is_some();
    if is_release && !is_vendored {
        println!("cargo::error=a release must carry its own OpenSSL: set OPENSSL_NO_VENDOR=0");
    }
}
