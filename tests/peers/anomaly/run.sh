#!/usr/bin/env bash
# Watchfire's detectors beside scikit-learn's IsolationForest: the same labelled sets and seeds, and the speed of both on a
# million rows, by turns. Nothing that CI runs: it installs scikit-learn into a folder of your choice. Method: README.md here.
set -euo pipefail

[[ $# -eq 1 && "$1" != -* ]] || { echo "usage: WATCHFIRE_CORPUS=… tests/peers/anomaly/run.sh FOLDER" >&2 && exit 2; }
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../../.." && pwd)"
mkdir -p "$1"
folder="$(cd "$1" && pwd)"
python="$folder/venv/bin/python"

if [[ ! -x "$python" ]] || ! "$python" -c 'import sklearn' 2>/dev/null; then
    { "${PYTHON:-python3}" -m venv "$folder/venv" &&
        "$folder/venv/bin/pip" install --quiet --requirement "$here/requirements.txt"; } ||
        { echo "SKIPPED (scikit-learn cannot be installed): tests/peers/anomaly" >&2 && exit 0; }
fi
"$python" -c 'import sklearn; print("scikit-learn", sklearn.__version__)'
(cd "$root" && cargo build --release --locked --quiet -p watchfire-testkit --example anomalies)
(cd "$root" && cargo build --release --locked --quiet -p watchfire-anomaly --example anomaly_speed)
examples="${CARGO_TARGET_DIR:-$root/target}/release/examples"

if [[ -d "${WATCHFIRE_CORPUS:-}/adbench" ]]; then
    "$python" "$here/peer.py" sets "$WATCHFIRE_CORPUS/adbench" >"$folder/theirs.tsv"
    "$examples/anomalies" "$WATCHFIRE_CORPUS/adbench" >"$folder/ours.tsv"
    "$python" "$here/peer.py" compare "$folder/theirs.tsv" "$folder/ours.tsv"
else
    echo "SKIPPED (no labelled sets; set WATCHFIRE_CORPUS): quality" >&2
fi

TIMEFORMAT='%3U %3S'
cpu() {
    { time "$@" >/dev/null; } 2>&1 | awk '{ print $1 + $2 }'
}
for _ in 1 2 3; do
    # What is left without the round is making the table.
    echo "$(cpu "$examples/anomaly_speed" forest 0) $(cpu "$examples/anomaly_speed" forest 1) $("$python" "$here/peer.py" speed)"
done | sort -n -k 3 | awk '
    { ours[NR] = $2 - $1; theirs[NR] = $3; share[NR] = $3 / ($2 - $1) }
    END { printf "1M x 10, grown and scored: %.2f s beside %.2f s, %.1f times (%.1f, %.1f)\n", ours[2], theirs[2], share[2], share[1], share[3] }'
