#!/usr/bin/env bash
# What Watchfire takes out of documents, shortcuts and discs beside what other readers do. Nothing that CI runs: it installs
# the others into a folder of your choice. Method: README.md here.
set -euo pipefail

[[ $# -eq 1 && "$1" != -* ]] || { echo "usage: tests/peers/documents/run.sh FOLDER" >&2 && exit 2; }
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../../.." && pwd)"
mkdir -p "$1/made"
folder="$(cd "$1" && pwd)"

if [[ ! -d "$folder/venv" ]]; then
    "${PYTHON:-python3}" -m venv "$folder/venv"
    "$folder/venv/bin/pip" install --quiet --requirement "$here/requirements.txt"
fi
(cd "$root" && cargo build --locked --quiet -p watchfire-testkit --example documents)
documents="${CARGO_TARGET_DIR:-$root/target}/debug/examples/documents"
"$documents" write "$folder/made"
"$folder/venv/bin/python" -W ignore "$here/peer.py" make "$folder/made"
"$documents" read "$folder"/made/* >"$folder/ours.tsv"
"$folder/venv/bin/python" -W ignore "$here/peer.py" compare "$folder/made" "$folder/ours.tsv"
