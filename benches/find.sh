#!/usr/bin/env bash
# Searching a tree of 500,000 files: by name beside fd, by content beside a program that opens each file and reads its first
# 4 KiB, and beside a script in Python that does. Pairs run by turns; the median of the ratios counts. The method:
# benches/README.md. Needs bash, awk and Rust, fd (fdfind) for the first part and Python for the last, which are skipped
# without them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

[[ $# -le 2 && "${1:-}" != -* ]] || { echo "usage: benches/find.sh [FOLDER [FILES]]: the tree is made there and kept" >&2 && exit 2; }
folder="${1:-$(mktemp -d)}"
files="${2:-500000}"
pairs=11
target="${CARGO_TARGET_DIR:-target}/release"
cargo build --release --locked --quiet --bin watchfire
cargo build --release --locked --quiet -p watchfire-sources --example heads
cargo build --release --locked --quiet -p watchfire-testkit --example tree
tree="$folder/tree"
[[ -e "$folder/done" ]] || { "$target/examples/tree" "$tree" "$files" && touch "$folder/done"; }

# `pairs WHAT OURS -- THEIRS`: CPU and wall-clock seconds of both, by turns.
pairs() {
    local what="$1" run TIMEFORMAT='%3U %3S %3R'
    shift
    local ours=() theirs=()
    while [[ "$1" != -- ]]; do ours+=("$1") && shift; done
    shift && theirs=("$@")
    "${ours[@]}" >/dev/null 2>&1 && "${theirs[@]}" >/dev/null 2>&1
    for ((run = 0; run < pairs; run++)); do
        { time "${ours[@]}" >/dev/null 2>&1; } 2>&1
        { time "${theirs[@]}" >/dev/null 2>&1; } 2>&1
    done | awk -v what="$what" '
        { cpu = $1 + $2; wall = $3 }
        NR % 2 { c = cpu; w = wall; next }
        { n++; ours[n] = c; walls[n] = w; rc[n] = c / cpu; rw[n] = w / wall; theirs[n] = cpu; twalls[n] = wall }
        function median(a, i, j, t) {
            for (i = 2; i <= n; i++) for (j = i; j > 1 && a[j] < a[j - 1]; j--) { t = a[j]; a[j] = a[j - 1]; a[j - 1] = t }
            return a[int((n + 1) / 2)]
        }
        END { printf "  %-8s CPU %.2f s beside %.2f s: %.2f   wall %.2f s beside %.2f s: %.2f\n", what,
            median(ours), median(theirs), median(rc), median(walls), median(twalls), median(rw) }'
}

fd="$(command -v fdfind || command -v fd || true)"
if [[ -n "$fd" ]]; then
    pairs names "$target/watchfire" find -q -j 2 --extension exe "$tree" -- "$fd" -j 2 -uu -e exe . "$tree"
else
    echo "  names    SKIPPED (fd is not installed)"
fi
pairs content "$target/watchfire" find -q --list -j 2 "$tree" -- "$target/examples/heads" "$tree" 2
# What the common script does by content: every file's first 4 KiB, on one thread.
script='import os, sys
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        with open(os.path.join(folder, name), "rb") as file:
            if file.read(4096)[:4] in (b"MZ\x90\x00", b"\x7fELF"):
                print(os.path.join(folder, name))'
if command -v python3 >/dev/null; then
    pairs python "$target/watchfire" find -q --list -j 2 "$tree" -- python3 -c "$script" "$tree"
else
    echo "  python   SKIPPED (python3 is not installed)"
fi
