#!/usr/bin/env bash
# How fast a capture is read: a gigabyte of generated traffic, CPU time of the whole process, medians; then the peers that are
# installed, on the same file. The method: benches/README.md. Needs bash, awk, GNU time and Rust.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() { echo "usage: benches/capture.sh [--size BYTES] [--runs N] [--peers]" >&2; exit 2; }
size=1000000000
runs=5
peers=
while [[ $# -gt 0 ]]; do
    case "$1" in
        --size) size="${2:?}"; shift 2 ;;
        --runs) runs="${2:?}"; shift 2 ;;
        --peers) peers=1; shift ;;
        *) usage ;;
    esac
done
target="${CARGO_TARGET_DIR:-target}/release/examples"
cargo build --release --locked --quiet -p watchfire-testkit --example captures
cargo build --release --locked --quiet -p watchfire-capture --examples
cargo build --release --locked --quiet -p watchfire-cli
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
file="$folder/mixture.pcap"
"$target/captures" "$size" > "$file"
bytes="$(stat -c %s "$file")"
cat "$file" > /dev/null

# `measure NAME COMMAND...`: CPU seconds, wall-clock seconds and peak memory of each run; the medians.
measure() {
    local name="$1"
    shift
    for ((run = 0; run < runs; run++)); do
        /usr/bin/time -f '%U %S %e %M' -o "$folder/one" "$@" > /dev/null 2>&1 || true
        tail -n 1 "$folder/one"
    done | awk -v name="$name" -v bytes="$bytes" '
        { n++; cpu[n] = $1 + $2; wall[n] = $3; memory[n] = $4 }
        function sort(a, i, j, t) {
            for (i = 2; i <= n; i++) for (j = i; j > 1 && a[j] < a[j - 1]; j--) { t = a[j]; a[j] = a[j - 1]; a[j - 1] = t }
        }
        END {
            sort(cpu); sort(wall); sort(memory); m = int((n + 1) / 2)
            printf "  %-24s %6.2f CPU s (%.2f-%.2f) %6.0f MB/CPU s %7.2f s wall %6.0f MB\n", name, cpu[m], cpu[1], cpu[n],
                bytes / cpu[m] / 1e6, wall[m], memory[m] / 1e3
        }'
}

echo "$bytes bytes, load $(cut -d' ' -f1 /proc/loadavg)"
measure walk "$target/capture_speed" "$file"
measure decode env DECODE=1 "$target/capture_speed" "$file"
measure flows env DEPTH=flows "$target/capture_flows" 1 "$file"
measure "flows, 2 threads" env DEPTH=flows "$target/capture_flows" 2 "$file"
measure everything "$target/capture_flows" 1 "$file"
measure "everything, 2 threads" "$target/capture_flows" 2 "$file"
for threads in 1 2; do
    measure "watchfire capture -j $threads" "$target/../watchfire" capture -q -j "$threads" "$file"
    measure "  --flows-only" "$target/../watchfire" capture -q --flows-only -j "$threads" "$file"
done
measure "everything, stdin" bash -c 'exec "$1" 1 - < <(cat "$2")' - "$target/capture_flows" "$file"
if [[ -n "$peers" ]]; then
    runs=1
    [[ -z "$(command -v tshark)" ]] || measure "tshark -z conv,tcp" tshark -n -r "$file" -q -z conv,tcp
    [[ -z "$(command -v argus)" ]] || measure argus argus -r "$file" -w /dev/null
    [[ -z "$(command -v suricata)" ]] || measure "suricata, no rules" suricata --runmode single -S /dev/null -l "$folder" -r "$file"
fi
