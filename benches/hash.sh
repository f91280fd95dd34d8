#!/usr/bin/env bash
# SHA-256 of 64 MiB, and of 16 KiB over and over, beside 'openssl speed' on blocks of the same size: CPU time of one thread, by
# turns; the median of the ratios counts. The method: benches/README.md. Needs bash, awk, openssl and Rust.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

[[ $# -eq 0 ]] || { echo "usage: benches/hash.sh" >&2 && exit 2; }
pairs=11
rounds=16
target="${CARGO_TARGET_DIR:-target}/release"
cargo build --release --locked --quiet -p watchfire-model --example hash
TIMEFORMAT='%3U %3S'

# `cpu WAY ROUNDS`: CPU seconds.
cpu() {
    { time "$target/examples/hash" "$1" "$2" >/dev/null; } 2>&1 | awk '{ print $1 + $2 }'
}

for way in whole pieces small; do
    size=$((64 << 20))
    [[ "$way" != small ]] || size=$((16 << 10))
    for ((run = 0; run < pairs; run++)); do
        # What is left without the rounds is making the bytes.
        echo "$(cpu "$way" 0) $(cpu "$way" "$rounds") $(openssl speed -seconds 1 -bytes "$size" sha256 2>&1 |
            sed -n "s/.*size blocks: \([0-9]*\) sha256's in \([0-9.]*\)s/\1 \2/p")"
    done | awk -v what="$way" -v size="$size" -v bytes="$((rounds * 64 << 20))" '
        { n++; ours[n] = bytes / ($2 - $1) / 1e6; theirs[n] = $3 * size / $4 / 1e6; share[n] = ours[n] / theirs[n] }
        function sort(a, i, j, t) {
            for (i = 2; i <= n; i++) for (j = i; j > 1 && a[j] < a[j - 1]; j--) { t = a[j]; a[j] = a[j - 1]; a[j - 1] = t }
        }
        END {
            sort(ours); sort(theirs); sort(share); m = int((n + 1) / 2)
            printf "  %-7s %.0f MB/s beside %.0f MB/s: %.2f (%.2f-%.2f)\n", what, ours[m], theirs[m], share[m], share[1], share[n]
        }'
done
