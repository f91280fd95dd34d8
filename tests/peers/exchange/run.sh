#!/usr/bin/env bash
# Reports of the demo, of a mail, a capture and a log, read by those whose formats they are in. Nothing that CI runs: it
# installs the readers from PyPI into a folder of your choice. Method: README.md here.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../../.." && pwd)"

[[ $# -eq 1 && "$1" != -* ]] || { echo "usage: tests/peers/exchange/run.sh FOLDER" >&2 && exit 2; }
corpus="$(realpath -m "${WATCHFIRE_CORPUS:-$root/../shared/corpus}")"
watchfire="$(realpath -m "${WATCHFIRE:-$root/target/release/watchfire}")"
mkdir -p "$1"
cd "$1"

if [[ ! -x venv/bin/python ]]; then
    "${PYTHON:-python3}" -m venv venv
    venv/bin/python -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"
fi
# The wheel of the validator comes without its schemas.
schemas="$(venv/bin/python -c 'import os, stix2validator; print(os.path.dirname(stix2validator.__file__))')/schemas-2.1"
if [[ ! -d "$schemas/schemas/sdos" ]]; then
    [[ -d "$corpus/stix-schemas/schemas" ]] || { echo "error: no schemas of STIX in '$corpus/stix-schemas'" >&2 && exit 2; }
    mkdir -p "$schemas"
    cp -r "$corpus/stix-schemas/schemas" "$schemas/"
fi

rm -rf demo reports
mkdir reports
"$watchfire" demo demo -q >reports/demo.txt 2>/dev/null || true
declare -A inputs=(
    [demo]=demo
    [mail]="$(find "$corpus/mail/phish-nc" -type f | sort | head -n 1)"
    [capture]="$(find "$corpus/pcap" -type f -name '*.pcap*' | sort | head -n 1)"
    [log]="$(find "$corpus/loghub/Linux" -type f | sort | head -n 1)"
)
wrong=0
for name in demo mail capture log; do
    for format in stix misp ocsf openioc xlsx; do
        config=()
        [[ "$name" != demo ]] || config=(--config demo/watchfire.toml)
        status=0
        "$watchfire" triage -q "${config[@]}" --as-of 2026-11-02 --tlp amber --format "$format" \
            --output "reports/$name.$format" "${inputs[$name]}" 2>/dev/null || status=$?
        ((status < 2)) || { echo "error: watchfire ended with $status on '$name' as $format" >&2 && exit 2; }
        venv/bin/python "$here/peer.py" "$format" "reports/$name.$format" || wrong=1
    done
done
exit "$wrong"
