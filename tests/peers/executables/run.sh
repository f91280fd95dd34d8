#!/usr/bin/env bash
# Facts of executables beside those of pefile, dnfile, pyelftools, ssdeep, tlsh and osslsigncode. Nothing that CI runs: it
# installs the Python peers into a folder of your choice; ssdeep and osslsigncode have to be there. Method: README.md here.
set -euo pipefail

[[ $# -ge 3 && "$1" != -* ]] || { echo "usage: tests/peers/executables/run.sh FOLDER PE_FILES ELF_FILES" >&2 && exit 2; }
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../../.." && pwd)"
mkdir -p "$1"
folder="$(cd "$1" && pwd)"
pe_files="$(realpath "$2")"
elf_files="$(realpath "$3")"

if [[ ! -d "$folder/venv" ]]; then
    "${PYTHON:-python3}" -m venv "$folder/venv"
    "$folder/venv/bin/pip" install --quiet --requirement "$here/requirements.txt"
fi
python="$folder/venv/bin/python"
example="${EXAMPLE:-}"
if [[ -z "$example" ]]; then
    (cd "$root" && cargo build --release --locked --quiet -p watchfire-formats --example executable)
    example="${CARGO_TARGET_DIR:-$root/target}/release/examples/executable"
fi

find "$pe_files" -type f > "$folder/pe.list"
"$example" < "$folder/pe.list" > "$folder/pe.ndjson"
"$python" "$here/pe.py" "$folder/pe.ndjson"
"$python" "$here/dot_net.py" "$folder/pe.ndjson"
grep -i '\.exe$' "$folder/pe.list" > "$folder/programs.list"
"$here/sign.sh" "$(head -1 "$folder/programs.list")" "$folder/signed"
mapfile -t programs < <(head -60 "$folder/programs.list")
"$python" "$here/signatures.py" "$example" "$folder/signed" "${programs[@]}"
find "$elf_files" -type f > "$folder/elf.list"
"$example" < "$folder/elf.list" > "$folder/elf.ndjson"
"$python" "$here/elf.py" "$folder/elf.ndjson"
"$example" --time 5 < "$folder/pe.list"
