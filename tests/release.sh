#!/usr/bin/env bash
# Builds the functions for Lambda (x86_64, so that they run here; what is deployed is arm64), shows how large they are,
# and runs these very files under the emulated Runtime API. Takes a quarter of an hour on two cores the first time.
set -euo pipefail
cd "$(dirname "$0")/.."
source .ci/tools.sh build

cargo lambda build --release --locked

# As the emulator wants them: one folder, each file with its function's name.
binaries=$PWD/target/release-binaries
rm -rf "$binaries"
mkdir "$binaries"
echo "function        bootstrap  zipped (bytes)"
for function in target/lambda/*/; do
    name=$(basename "$function")
    cp "$function/bootstrap" "$binaries/$name"
    archive=$(mktemp --directory)
    python3 -m zipfile -c "$archive/$name.zip" "$function/bootstrap"
    printf "%-14s %10d %7d\n" "$name" "$(stat --format %s "$binaries/$name")" "$(stat --format %s "$archive/$name.zip")"
    rm -r "$archive"
done

unset OPENSSL_NO_VENDOR # tests use the OpenSSL of all other debug builds
RELEASE_BINARIES=$binaries cargo test --locked --package functions --test contract -- --ignored --nocapture release::
