#!/bin/sh
# See README.md. Builds the example first; everything else is Python's.
set -eu
folder=${1:?a folder for the logs}
here=$(cd "$(dirname "$0")" && pwd)
cargo build --release -p watchfire-formats --example log
target=${CARGO_TARGET_DIR:-$here/../../../target}
python3 "$here/speed.py" "$folder" "$target/release/examples/log"
if python3 -c 'import sklearn' 2>/dev/null; then
    cargo build --release -p watchfire-cli
    exec python3 "$here/script.py" "$folder" "$target/release/watchfire"
fi
echo "SKIPPED (scikit-learn is not installed): the script that the field starts from" >&2
