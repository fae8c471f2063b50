#!/usr/bin/env bash
# Makes the certificates of tests/faults/tls.rs: `bash tests/keys/tls/make.sh`. They protect nothing.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp --directory)
trap 'rm -rf "$work"' EXIT
touch "$work/index"
cat > "$work/ca.cnf" << EOF
[ca]
default_ca = own
[own]
database = $work/index
new_certs_dir = $work
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
EOF

key() { openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$1"; }
# `sign FILE HOST FROM UNTIL`
sign() {
    openssl req -new -key server.key -subj "/CN=$2" -addext "subjectAltName=DNS:$2" -out "$work/request"
    openssl ca -batch -notext -config "$work/ca.cnf" -cert authority.pem -keyfile "$work/authority.key" \
        -startdate "$3" -enddate "$4" -in "$work/request" -out "$1"
}

key "$work/authority.key"
key server.key
openssl req -x509 -new -key "$work/authority.key" -subj "/CN=The tests' authority" -days 36500 -out authority.pem
sign valid.pem localhost 20260101000000Z 21260101000000Z
sign expired.pem localhost 20200101000000Z 20210101000000Z
sign other-host.pem database.example 20260101000000Z 21260101000000Z
openssl req -x509 -new -key server.key -subj "/CN=localhost" -addext "subjectAltName=DNS:localhost" -days 36500 \
    -out self-signed.pem
