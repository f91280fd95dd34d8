#!/usr/bin/env bash
# Mails a second on one core: the whole offline triage of Watchfire beside what eml_parser takes to parse the same mails.
# Nothing that CI runs: it installs eml_parser into a folder of your choice. Method: README.md here.
set -euo pipefail

[[ $# -eq 2 && "$1" != -* ]] || { echo "usage: tests/peers/mail/run.sh FOLDER MAILS" >&2 && exit 2; }
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../../.." && pwd)"
mkdir -p "$1"
folder="$(cd "$1" && pwd)"
mails="$(cd "$2" && pwd)"

if [[ ! -d "$folder/venv" ]]; then
    "${PYTHON:-python3}" -m venv "$folder/venv"
    "$folder/venv/bin/pip" install --quiet --requirement "$here/requirements.txt"
fi
watchfire="${WATCHFIRE:-}"
if [[ -z "$watchfire" ]]; then
    (cd "$root" && cargo build --release --locked --quiet)
    watchfire="${CARGO_TARGET_DIR:-$root/target}/release/watchfire"
fi
"$folder/venv/bin/pip" list 2>/dev/null | grep -i '^eml'
"$watchfire" --version
TIMEFORMAT='%U %S'
for round in 1 2 3 4 5; do
    read -r count theirs failed worst < <("$folder/venv/bin/python" "$here/peer.py" "$mails")
    ours="$({ time "$watchfire" mail -q -j 1 -f json --data-dir "$folder/data" "$mails" >/dev/null 2>&1; } 2>&1 |
        awk '{ print $1 + $2 }')"
    awk -v round="$round" -v n="$count" -v t="$theirs" -v o="$ours" -v f="$failed" -v w="$worst" 'BEGIN {
        printf "round %d: %d mails   eml_parser %.2f s, %.0f a second (%d failed, worst %.2f s)   watchfire %.2f s, %.0f a second   ratio %.1f\n",
            round, n, t, n / t, f, w, o, n / o, t / o }'
done
