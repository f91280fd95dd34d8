#!/usr/bin/env bash
# Forests, the ensemble and templates: rows and lines for a CPU second of one thread, the median of some runs. The method:
# benches/README.md. Needs bash, awk and Rust.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

[[ $# -eq 0 ]] || { echo "usage: benches/anomaly.sh" >&2 && exit 2; }
runs=5
cargo build --release --locked --quiet -p watchfire-anomaly --example anomaly_speed
program="${CARGO_TARGET_DIR:-target}/release/examples/anomaly_speed"
TIMEFORMAT='%3U %3S'

# `cpu WAY ROUNDS`: CPU seconds.
cpu() {
    { time "$program" "$1" "$2" >/dev/null; } 2>&1 | awk '{ print $1 + $2 }'
}

for way in forest extended ensemble templates; do
    for ((run = 0; run < runs; run++)); do
        # What is left without the rounds is making the table.
        echo "$(cpu "$way" 0) $(cpu "$way" 1)"
    done | awk -v what="$way" '{ print 1 / ($2 - $1) }' | sort -n | awk -v what="$way" '
        { speed[NR] = $1 }
        END { printf "  %-10s %.2f million a second (%.2f-%.2f)\n", what, speed[int((NR + 1) / 2)], speed[1], speed[NR] }'
done
