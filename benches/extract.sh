#!/usr/bin/env bash
# Extraction against ripgrep with one IPv4 pattern: CPU time on the same file, in one run. Method: benches/README.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

corpus="${WATCHFIRE_CORPUS:-../shared/corpus}"
target="${CARGO_TARGET_DIR:-target}"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
ipv4='\b(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\b'

command -v rg >/dev/null || { echo "error: 'rg' is not installed" >&2; exit 2; }
cargo build --release --quiet --bin watchfire
cargo build --release --quiet -p watchfire-testkit --example logs

# A file repeated to at least a gigabyte.
repeat_to_gigabyte() {
    local size
    size="$(stat -c %s "$1")"
    for ((done = 0; done < 1000000000; done += size)); do cat "$1"; done >"$2"
}

# CPU seconds, user and system, of a command that writes to nowhere.
cpu() {
    local TIMEFORMAT='%U %S'
    { time "$@" >/dev/null 2>&1; } 2>&1 | awk '{ printf "%.2f", $1 + $2 }'
}

wall() {
    local TIMEFORMAT='%R'
    { time "$@" >/dev/null 2>&1; } 2>&1
}

best() {
    sort -n | head -n 1
}

measure() {
    local name="$1" file="$2" bytes
    bytes="$(stat -c %s "$file")"
    : >"$scratch/wf" && : >"$scratch/rg" && : >"$scratch/one" && : >"$scratch/two"
    for _ in 1 2 3; do
        cpu "$target/release/watchfire" extract --threads 1 --format ndjson "$file" >>"$scratch/wf"
        echo >>"$scratch/wf"
        cpu rg -j1 -oN --no-unicode "$ipv4" "$file" >>"$scratch/rg"
        echo >>"$scratch/rg"
        wall "$target/release/watchfire" extract --threads 1 --format ndjson "$file" >>"$scratch/one"
        wall "$target/release/watchfire" extract --threads 2 --format ndjson "$file" >>"$scratch/two"
    done
    awk -v name="$name" -v bytes="$bytes" \
        -v wf="$(best <"$scratch/wf")" -v rg="$(best <"$scratch/rg")" \
        -v one="$(best <"$scratch/one")" -v two="$(best <"$scratch/two")" 'BEGIN {
            printf "%-10s %6.0f MB   watchfire %7.0f MB/s   rg %7.0f MB/s   ratio %.2f   two threads %.2fx\n",
                name, bytes / 1e6, bytes / 1e6 / wf, bytes / 1e6 / rg, rg / wf, one / two
        }'
}

if [[ -f "$corpus/ioc/reports.txt" ]]; then
    repeat_to_gigabyte "$corpus/ioc/reports.txt" "$scratch/reports"
    measure reports "$scratch/reports"
    rm "$scratch/reports"
else
    echo "SKIPPED (no corpus): reports"
fi
"$target/release/examples/logs" 100000000 >"$scratch/logs100"
repeat_to_gigabyte "$scratch/logs100" "$scratch/logs"
measure logs "$scratch/logs"

cat "$scratch/logs" >>"$scratch/logs2" && cat "$scratch/logs" >>"$scratch/logs2"
if [[ -x /usr/bin/time ]]; then
    /usr/bin/time -f 'peak memory on 2 GB of logs: %M KB' \
        "$target/release/watchfire" extract --threads 1 --format ndjson "$scratch/logs2" 2>&1 >/dev/null | tail -n 1
fi
