#!/usr/bin/env bash
# How many values a second `check -` judges against local knowledge and a feed of a million addresses, and what a single
# value takes. The method and what each figure means: benches/README.md. Needs bash, awk and Rust; installs nothing.
set -euo pipefail

from_here() {
    [[ "$1" == /* ]] && echo "$1" || echo "$PWD/$1"
}
[[ -z "${WATCHFIRE:-}" ]] || WATCHFIRE="$(from_here "$WATCHFIRE")"
[[ -z "${WATCHFIRE_CORPUS:-}" ]] || WATCHFIRE_CORPUS="$(from_here "$WATCHFIRE_CORPUS")"
here="$PWD"
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
    cat <<'USAGE'
usage: benches/check.sh [OPTION]... [PART]...

Parts (all, unless named):
  few        a million addresses of which three in a thousand are in the feed
  all        a million addresses that are all in the feed, which says the same of each
  distinct   a million addresses that are all in a feed which says something else of each: its own day and link
  one        a single address, wall-clock time: first start, and with the feed
  extract    CPU time of `extract --check` with the feed over that of `extract`, on reports and on logs
  triage     CPU time of `triage` with the feed over that without, on reports and on logs

Options:
  -n, --runs N         runs of each (default 5)
  -j, --threads N      threads (default 1)
  -b, --bytes N        size of the texts of extract and triage (default 300000000)
  -s, --scratch DIR    keep the inputs here and use them again (default: a temporary folder, removed at the end)
  -h, --help           this text

Environment:
  WATCHFIRE_CORPUS     the corpus; reports are skipped without it (default ../shared/corpus)
  WATCHFIRE            the program to measure (default: built here, --release)
  CARGO_TARGET_DIR     where it is built (default target)
USAGE
}

fail() {
    printf 'error: %s\n' "$1" >&2
    exit 2
}

runs=5
threads=1
bytes=300000000
scratch=''
parts=()
while (($#)); do
    case "$1" in
        -h | --help) usage && exit 0 ;;
        -n | --runs | -j | --threads | -b | --bytes | -s | --scratch)
            (($# > 1)) || fail "'$1' takes a value"
            case "$1" in
                -n | --runs) runs="$2" ;;
                -j | --threads) threads="$2" ;;
                -b | --bytes) bytes="$2" ;;
                -s | --scratch) scratch="$(cd "$here" && from_here "$2")" ;;
            esac
            shift
            ;;
        few | all | distinct | one | extract | triage) parts+=("$1") ;;
        *) fail "there is no option or part '$1'" ;;
    esac
    shift
done
((${#parts[@]})) || parts=(few all distinct one extract triage)
watchfire="${WATCHFIRE:-${CARGO_TARGET_DIR:-target}/release/watchfire}"
[[ -n "${WATCHFIRE:-}" ]] || cargo build --release --locked --quiet --bin watchfire
if [[ -n "$scratch" ]]; then
    mkdir -p "$scratch"
else
    scratch="$(mktemp -d)"
    trap 'rm -rf "$scratch"' EXIT
fi
export HOME="$scratch/home"

# `addresses FROM COUNT`: addresses that look like chance and never repeat, none of them reserved.
addresses() {
    awk -v from="$1" -v count="$2" 'BEGIN {
        for (n = from; made < count; n++) {
            # An odd factor visits every number once; in two steps, as awk counts in floating point.
            x = ((n * 40503) % 65536 * 65536 + n * 31153) % 4294967296
            a = int(x / 16777216); b = int(x / 65536) % 256
            if (a == 0 || a == 10 || a == 127 || a >= 192 || (a == 100 && b >= 64 && b < 128)) continue
            if ((a == 169 && b == 254) || (a == 172 && b >= 16 && b < 32)) continue
            print a "." b "." int(x / 256) % 256 "." x % 256
            made++
        }
    }'
}

# The feeds, each in a data folder of its own, and the questions.
prepare() {
    local file
    [[ ! -f "$scratch/done" ]] || return 0
    addresses 1 1010000 >"$scratch/feed.txt"
    # The day, the name and the link of each entry are its own.
    awk 'BEGIN { print "seen,ip,malware,link" }
        { printf "2026-%02d-%02d %02d:%02d:%02d,%s,family %d,https://feed.example/%d\n", NR % 3 + 9, NR % 28 + 1,
            NR % 24, NR % 60, NR % 59, $0, NR % 40, NR }' "$scratch/feed.txt" >"$scratch/dated.csv"
    "$watchfire" feeds import -q --data-dir "$scratch/plain" "$scratch/feed.txt" --name plain --grade B
    "$watchfire" feeds import -q --data-dir "$scratch/dated" "$scratch/dated.csv" --name dated --grade B \
        --columns value=ip,first_seen=seen,threat=malware,reference=link
    head -n 1000000 "$scratch/feed.txt" >"$scratch/all.in"
    addresses 400000000 1000000 | awk -v feed="$scratch/feed.txt" \
        'NR % 333 == 0 { getline < feed } { print }' >"$scratch/few.in"
    touch "$scratch/done"
}

# CPU seconds of `check -`, user and system, median of the runs.
measure() {
    local what="$1" data="$2" input="$3" format="$4" run TIMEFORMAT='%3U %3S %3R'
    cat "$input" >/dev/null
    for ((run = 0; run < runs; run++)); do
        { time "$watchfire" check - -q -j "$threads" --data-dir "$data" --as-of 2026-11-22 -f "$format" \
            <"$input" >/dev/null 2>"$scratch/stderr"; } 2>&1 || true
    done | awk '{ print $1 + $2, $3 }' | sort -n | awk -v what="$what" -v format="$format" '
        { cpu[NR] = $1; wall[NR] = $2 }
        END {
            m = int((NR + 1) / 2)
            printf "  %-9s %-7s CPU %6.2f s (%.2f-%.2f), wall %6.2f s: %8.0f a second of CPU, %8.0f of wall clock\n",
                what, format, cpu[m], cpu[1], cpu[NR], wall[m], 1e6 / cpu[m], 1e6 / wall[m]
        }'
}

# Wall-clock milliseconds of one value, median of the runs.
single() {
    local what="$1" data="$2" fresh="$3" run TIMEFORMAT='%3R'
    for ((run = 0; run < runs; run++)); do
        [[ "$fresh" == no ]] || rm -rf "$data"
        { time "$watchfire" check --offline -q --data-dir "$data" 45.133.1.20 >/dev/null 2>&1; } 2>&1 || true
    done | sort -n | awk -v what="$what" '{ t[NR] = $1 * 1000 } END {
        printf "  %-40s %.0f ms (%.0f-%.0f)\n", what, t[int((NR + 1) / 2)], t[1], t[NR] }'
}

# The text that is repeated, as a path; none where it is missing.
text_of() {
    local seed="${WATCHFIRE_CORPUS:-../shared/corpus}/ioc/reports.txt" have
    if [[ "$1" == logs ]]; then
        seed="$scratch/logs.seed"
        [[ -f "$seed" ]] || cargo run --release --locked --quiet -p watchfire-testkit --example logs -- 100000000 >"$seed"
    fi
    [[ -f "$seed" ]] || return 0
    if [[ ! -f "$scratch/$1-$bytes.txt" ]]; then
        for ((have = 0; have < bytes; have += $(stat -L -c %s "$seed"))); do cat "$seed"; done >"$scratch/$1-$bytes.txt"
    fi
    echo "$scratch/$1-$bytes.txt"
}

# CPU seconds of one run.
seconds() {
    local TIMEFORMAT='%3U %3S'
    { { time "$watchfire" "$@" >/dev/null 2>"$scratch/stderr" || true; } 2>&1; } | awk '{ print $1 + $2 }'
}

# `compare WHAT WITHOUT... -- WITH...`: pairs of runs, A B then B A, and the ratio of the second to the first.
compare() {
    local what="$1" run one two
    shift
    local -a a=() b=()
    while [[ "$1" != -- ]]; do a+=("$1") && shift; done
    shift
    b=("$@")
    for ((run = 0; run < runs; run++)); do
        if ((run % 2)); then
            two="$(seconds "${b[@]}")" && one="$(seconds "${a[@]}")"
        else
            one="$(seconds "${a[@]}")" && two="$(seconds "${b[@]}")"
        fi
        echo "$one $two"
    done | awk '{ print $2 / $1, $1, $2 }' | sort -n | awk -v what="$what" '
        { r[NR] = $1; a[NR] = $2; b[NR] = $3 }
        END {
            m = int((NR + 1) / 2)
            printf "  %-18s CPU %.2f s without, %.2f s with: ratio %.3f (%.3f-%.3f)\n", what, a[m], b[m], r[m], r[1], r[NR]
        }'
}

# `texts PART`: a part on both texts.
texts() {
    local name file
    for name in reports logs; do
        file="$(text_of "$name")"
        if [[ -z "$file" ]]; then
            echo "SKIPPED (no corpus): $name; set WATCHFIRE_CORPUS"
        elif [[ "$1" == extract ]]; then
            compare "extract, $name" extract -j "$threads" -q -f ndjson --data-dir "$scratch/plain" "$file" -- \
                extract -j "$threads" -q -f ndjson --check --data-dir "$scratch/plain" "$file"
        else
            compare "triage, $name" triage -j "$threads" -q -f ndjson --data-dir "$scratch/none" "$file" -- \
                triage -j "$threads" -q -f ndjson --data-dir "$scratch/plain" "$file"
        fi
    done
}

prepare
"$watchfire" --version | head -n 1
for part in "${parts[@]}"; do
    case "$part" in
        few) for format in csv ndjson text; do measure few "$scratch/plain" "$scratch/few.in" "$format"; done ;;
        all) for format in csv ndjson text; do measure all "$scratch/plain" "$scratch/all.in" "$format"; done ;;
        distinct) for format in csv ndjson text; do measure distinct "$scratch/dated" "$scratch/all.in" "$format"; done ;;
        extract | triage) texts "$part" ;;
        one)
            single "nothing remembered" "$scratch/none" yes
            single "a feed of a million addresses" "$scratch/plain" no
            ;;
    esac
done
