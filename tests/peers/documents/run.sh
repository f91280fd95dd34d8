#!/usr/bin/env bash
# Sources of macros: what Watchfire reads beside what olevba reads, module by module, by SHA-256. Nothing that CI runs: it
# installs oletools into a folder of your choice. Method: README.md here.
set -euo pipefail

[[ $# -ge 1 && "$1" != -* ]] || { echo "usage: tests/peers/documents/run.sh FOLDER [DOCUMENT…]" >&2 && exit 2; }
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../../.." && pwd)"
mkdir -p "$1/made"
folder="$(cd "$1" && pwd)"
shift

if [[ ! -d "$folder/venv" ]]; then
    "${PYTHON:-python3}" -m venv "$folder/venv"
    "$folder/venv/bin/pip" install --quiet --requirement "$here/requirements.txt"
fi
(cd "$root" && cargo build --locked --quiet -p watchfire-testkit --example macros)
macros="${CARGO_TARGET_DIR:-$root/target}/debug/examples/macros"
"$macros" write "$folder/made"
documents=("$folder"/made/* "$@")
"$macros" read "${documents[@]}" | sort >"$folder/ours.tsv"
"$folder/venv/bin/python" "$here/peer.py" "${documents[@]}" 2>/dev/null | sort >"$folder/theirs.tsv"
"$folder/venv/bin/pip" list 2>/dev/null | grep -i '^oletools'
echo "documents: ${#documents[@]}   modules: watchfire $(wc -l <"$folder/ours.tsv"), olevba $(wc -l <"$folder/theirs.tsv"), equal $(comm -12 "$folder/ours.tsv" "$folder/theirs.tsv" | wc -l)"
diff "$folder/ours.tsv" "$folder/theirs.tsv" && echo "no difference"
