#!/usr/bin/env bash
# DKIM both ways: dkimpy verifies what our signer signs, and we verify what dkimpy signs, in every form, and both refuse
# tampered copies. Nothing that CI runs: it installs dkimpy into a folder of your choice. Method: README.md here.
set -euo pipefail

[[ $# -eq 1 && "$1" != -* ]] || { echo "usage: tests/peers/dkim/run.sh FOLDER" >&2 && exit 2; }
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../../.." && pwd)"
mkdir -p "$1"
folder="$(cd "$1" && pwd)"

if [[ ! -d "$folder/venv" ]]; then
    "${PYTHON:-python3}" -m venv "$folder/venv"
    "$folder/venv/bin/pip" install --quiet --requirement "$here/requirements.txt"
fi
peer() {
    "$folder/venv/bin/python" "$here/peer.py" "$@"
}
ours() {
    (cd "$root" && cargo run --locked --quiet -p watchfire-testkit --example dkim -- "$@")
}

rm -rf "$folder/ours" "$folder/theirs" "$folder/tampered-ours" "$folder/tampered-theirs"
ours sign "$folder/ours"
peer sign "$folder/ours" "$folder/theirs"
peer tamper "$folder/ours" "$folder/tampered-ours"
peer tamper "$folder/theirs" "$folder/tampered-theirs"
"$folder/venv/bin/pip" list 2>/dev/null | grep -i -E '^(dkimpy|pynacl) '
status=0
for part in ours theirs tampered-ours tampered-theirs; do
    peer verify "$folder/$part" >"$folder/$part.peer"
    ours verify "$folder/$part" >"$folder/$part.ours"
    count() { grep -c -P "\t$1\$" "$folder/$part.$2" || true; }
    printf '%-16s %3d mails   dkimpy: %3d pass %3d fail   watchfire: %3d pass %3d fail\n' "$part" \
        "$(wc -l <"$folder/$part.ours")" "$(count pass peer)" "$(count fail peer)" "$(count pass ours)" "$(count fail ours)"
    diff "$folder/$part.peer" "$folder/$part.ours" || status=1
done
exit "$status"
