# Puts the programs of the packages in .ci/NAME.txt on PATH: `source .ci/tools.sh NAME`, in the project's folder. They
# are installed under target/, and installed again when the list changes.
# shellcheck shell=bash

list=.ci/$1.txt
environment=$PWD/target/tools/$1
if ! cmp --silent "$list" "$environment/installed.txt"; then
    rm -rf "$environment"
    python3 -m venv "$environment"
    "$environment/bin/pip" install --quiet --disable-pip-version-check --requirement "$list"
    cp "$list" "$environment/installed.txt"
fi
PATH=$environment/bin:$PATH
export SAM_CLI_TELEMETRY=0
# A release carries its own OpenSSL (shared/build.rs), whatever `cargo dev` has settled on.
export OPENSSL_NO_VENDOR=0
