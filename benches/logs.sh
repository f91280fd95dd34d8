#!/usr/bin/env bash
# How fast logs are looked at as a whole: lines of sshd, mixed lines, and with a corpus an event log of 200 MB; CPU time of the
# whole process, medians, on one thread and on two. The method: benches/README.md. Needs bash, awk, GNU time and Rust.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() { echo "usage: benches/logs.sh [--size BYTES] [--runs N] [--corpus CORPUS] [--data-dir DIR]" >&2; exit 2; }
size=150000000
runs=5
corpus=
data=
while [[ $# -gt 0 ]]; do
    case "$1" in
        --size) size="${2:?}"; shift 2 ;;
        --runs) runs="${2:?}"; shift 2 ;;
        --corpus) corpus="$(realpath "${2:?}")"; shift 2 ;;
        --data-dir) data="$(realpath "${2:?}")"; shift 2 ;;
        *) usage ;;
    esac
done
target="${CARGO_TARGET_DIR:-target}/release"
cargo build --release --locked --quiet -p watchfire-testkit --example logs
cargo build --release --locked --quiet -p watchfire-cli
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT

# Twelve months of 28 days of sshd: eight users, fifty addresses, and a tenth of the lines from an address of its own.
awk -v size="$size" '
    function draw(n) { seed = (seed * 16807) % 2147483647; return seed % n }
    BEGIN {
        seed = 42
        split("root admin test oracle web-admin backup postgres ubuntu", users, " ")
        split("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", months, " ")
        lines = int(size / 104)
        while (written < size) {
            second = int(line++ * 336 * 86400 / lines); if (second >= 336 * 86400) second = 336 * 86400 - 1
            day = int(second / 86400); second %= 86400
            from = draw(10) ? "203.0.113." draw(50) : draw(223) + 1 "." draw(256) "." draw(256) "." draw(254) + 1
            user = users[draw(8) + 1]
            kind = draw(10)
            if (kind == 0) said = "Accepted publickey for " user " from " from " port " draw(60000) + 1025 " ssh2: RSA SHA256:abcdefghijklmnop"
            else if (kind < 4) said = "Failed password for invalid user " user " from " from " port " draw(60000) + 1025 " ssh2"
            else if (kind < 8) said = "Failed password for " user " from " from " port " draw(60000) + 1025 " ssh2"
            else said = "Connection closed by " from " port " draw(60000) + 1025 " [preauth]"
            text = sprintf("%s %2d %02d:%02d:%02d web-01 sshd[%d]: %s", months[int(day / 28) + 1], day % 28 + 1,
                second / 3600, second / 60 % 60, second % 60, draw(9000) + 1000, said)
            written += length(text) + 1
            print text
        }
    }' > "$folder/sshd.log"
"$target/examples/logs" "$size" > "$folder/mixed.log"
if [[ -n "$corpus" ]]; then
    # The chunks of real event logs, again and again: only whole ones, and of logs that are more than one.
    mapfile -t events < <(find "$corpus" -name '*.evtx' -size +130k | sort)
    head -c 4096 "${events[0]}" > "$folder/events.evtx"
    while (($(stat -c %s "$folder/events.evtx") < 200000000)); do
        for file in "${events[@]}"; do
            chunks=$((($(stat -c %s "$file") - 4096) / 65536))
            tail -c +4097 "$file" | head -c $((chunks * 65536)) >> "$folder/events.evtx" || true
        done
    done
fi

# `measure FILE THREADS`: CPU seconds, wall-clock seconds and peak memory of each run; the medians.
measure() {
    local file="$1" threads="$2" records
    records="$("$target/watchfire" --quiet logs --format json "$file" 2> /dev/null | grep -o '"records": *[0-9]*' | grep -o '[0-9]*$' |
        sort -n | tail -n 1 || true)"
    [[ -n "$records" ]] || { echo "  $(basename "$file"): not read" >&2; return 1; }
    for ((run = 0; run < runs; run++)); do
        /usr/bin/time -f '%U %S %e %M' -o "$folder/one" "$target/watchfire" logs --threads "$threads" ${data:+--data-dir "$data"} \
            "$file" > /dev/null 2>&1 || true
        tail -n 1 "$folder/one"
    done | awk -v name="$(basename "$file")" -v threads="$threads" -v bytes="$(stat -c %s "$file")" -v records="$records" '
        { n++; cpu[n] = $1 + $2; wall[n] = $3; memory[n] = $4 }
        function sort(a, i, j, t) {
            for (i = 2; i <= n; i++) for (j = i; j > 1 && a[j] < a[j - 1]; j--) { t = a[j]; a[j] = a[j - 1]; a[j - 1] = t }
        }
        END {
            sort(cpu); sort(wall); sort(memory); m = int((n + 1) / 2)
            printf "  %-12s %d thread(s) %6.2f CPU s (%.2f-%.2f) %5.1f MB/CPU s %8.0f records/CPU s %6.2f s wall %5.0f MB\n", name,
                threads, cpu[m], cpu[1], cpu[n], bytes / cpu[m] / 1e6, records / cpu[m], wall[m], memory[m] / 1e3
        }'
}

echo "load $(cut -d' ' -f1 /proc/loadavg)"
for file in "$folder"/*.log "$folder"/*.evtx; do
    [[ -e "$file" ]] || continue
    cat "$file" > /dev/null
    measure "$file" 1
    measure "$file" 2
done
