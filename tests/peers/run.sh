#!/usr/bin/env bash
# Watchfire beside the Python and Node extractors, on the same text in the same session. Nothing that CI runs: it
# installs the peers from PyPI and npm into a folder of your choice, and takes some minutes. Method: README.md here.
set -euo pipefail

# Paths of the caller are from where the caller stands.
from_here() {
    [[ "$1" == /* ]] && echo "$1" || echo "$PWD/$1"
}
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"

usage() {
    cat <<'USAGE'
usage: tests/peers/run.sh FOLDER [PART]...

Parts (all, unless named): install, speed, conformance
FOLDER keeps the peers and the samples; a second run uses them again.

Environment:
  WATCHFIRE_CORPUS   the corpus (default ../shared/corpus)
  WATCHFIRE          the program to measure (default: built here, --release)
  SECONDS_EACH       CPU seconds for each peer and input (default 8)
  PEERS              which Python peers (default: all in peers.py)
  PYTHON             the Python to make the environment with (default python3)
USAGE
}

fail() {
    printf 'error: %s\n' "$1" >&2
    [[ -z "${2:-}" ]] || printf 'hint: %s\n' "$2" >&2
    exit 2
}

[[ $# -ge 1 && "$1" != -* ]] || { usage >&2 && exit 2; }
folder="$1"
shift
parts=("$@")
((${#parts[@]})) || parts=(install speed conformance)
corpus="$(from_here "${WATCHFIRE_CORPUS:-$root/../shared/corpus}")"
seconds="${SECONDS_EACH:-8}"
target="$(cd "$root" && from_here "${CARGO_TARGET_DIR:-target}")"
watchfire="$(from_here "${WATCHFIRE:-$target/release/watchfire}")"
mkdir -p "$folder"
folder="$(cd "$folder" && pwd)"
python="$folder/venv/bin/python"
export PYTHONDONTWRITEBYTECODE=1
export IOC_EXTRACTOR="$folder/node_modules/ioc-extractor"

install() {
    command -v "${PYTHON:-python3}" >/dev/null || fail "'${PYTHON:-python3}' is not installed"
    [[ -x "$python" ]] || "${PYTHON:-python3}" -m venv "$folder/venv"
    "$python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"
    if command -v npm >/dev/null; then
        npm install --silent --no-fund --no-audit --ignore-scripts --prefix "$folder" ioc-extractor@8.2.0
    else
        echo "SKIPPED (no npm): ioc-extractor"
    fi
}

load() {
    [[ -r /proc/loadavg ]] && cut -d ' ' -f 1-3 /proc/loadavg || echo '-'
}

# Watchfire over the sample, whole process, one thread: once, and repeated until start-up does not count.
watchfire_line() {
    local name="$1" file="$2" bytes cpu distinct TIMEFORMAT='%3U %3S' best='' run
    bytes="$(stat -c %s "$file")"
    for run in 1 2 3; do
        cpu="$({ time "$watchfire" extract -j1 --format ndjson "$file" >"$folder/found" 2>/dev/null; } 2>&1)"
        best="$(awk -v best="$best" '{ t = $1 + $2; printf "%.3f", best == "" || t < best ? t : best }' <<<"$cpu")"
    done
    distinct="$(wc -l <"$folder/found")"
    awk -v name="$name" -v bytes="$bytes" -v cpu="$best" -v distinct="$distinct" 'BEGIN {
        printf "%-40s%10.1f MB/s%9.2f MB%7.2f s%34d distinct\n", name, bytes / 1e6 / cpu, bytes / 1e6, cpu, distinct
    }'
}

speed() {
    local name file peer
    [[ -n "${WATCHFIRE:-}" ]] || (cd "$root" && cargo build --release --locked --quiet --bin watchfire)
    if [[ ! -f "$folder/logs" ]]; then
        (cd "$root" && cargo run --release --locked --quiet -p watchfire-testkit --example logs -- 100000000) \
            >"$folder/logs.part"
        mv "$folder/logs.part" "$folder/logs"
    fi
    for name in reports logs; do
        file="$folder/logs"
        [[ "$name" == logs ]] || file="$corpus/ioc/reports.txt"
        [[ -f "$file" ]] || { echo "SKIPPED (no corpus): $name; set WATCHFIRE_CORPUS" && continue; }
        "$python" "$here/sample.py" "$file" 64 "$folder/sample-$name"
        if [[ ! -f "$folder/long-$name" ]]; then
            for ((have = 0; have < 1000000000; have += $(stat -c %s "$folder/sample-$name.txt"))); do
                cat "$folder/sample-$name.txt"
            done >"$folder/long-$name"
        fi
        printf '%s, load %s: MB per CPU second, MB fed, CPU seconds\n' "$name" "$(load)"
        watchfire_line "watchfire, the sample once" "$folder/sample-$name.txt"
        watchfire_line "watchfire, the sample repeated" "$folder/long-$name"
        for peer in ${PEERS:-text2ioc ioc_fanger msticpy ioc-finder ioc-finder-all iocsearcher iocextract}; do
            "$python" "$here/speed.py" "$peer" "$folder/sample-$name.jsonl" "$seconds" || echo "$peer: stopped"
        done
        if [[ -d "$IOC_EXTRACTOR" ]]; then
            node "$here/peers.mjs" speed "$folder/sample-$name.jsonl" "$seconds"
        fi
    done
    rm -f "$folder/found"
}

conformance() {
    local cases="$corpus/ioc/peer_cases.jsonl" answers=()
    [[ -f "$cases" ]] || { echo "SKIPPED (no corpus): conformance; set WATCHFIRE_CORPUS" && return; }
    if [[ -d "$IOC_EXTRACTOR" ]]; then
        "$python" "$here/conformance.py" --texts "$cases" >"$folder/texts.jsonl"
        node "$here/peers.mjs" extract "$folder/texts.jsonl" >"$folder/node.jsonl"
        answers=("$folder/node.jsonl")
    fi
    "$python" "$here/conformance.py" "$cases" "${answers[@]}"
    echo "watchfire: cargo test -p watchfire-extract --test conformance -- --nocapture"
}

for part in "${parts[@]}"; do
    case "$part" in
        install | speed | conformance) "$part" ;;
        *) fail "there is no part '$part'" "install, speed or conformance" ;;
    esac
done
