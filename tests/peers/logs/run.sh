#!/bin/sh
# See README.md. Builds the example first; everything else is Python's.
set -eu
folder=${1:?a folder for the logs}
here=$(cd "$(dirname "$0")" && pwd)
cargo build --release -p watchfire-formats --example log
target=${CARGO_TARGET_DIR:-$here/../../../target}
exec python3 "$here/speed.py" "$folder" "$target/release/examples/log"
