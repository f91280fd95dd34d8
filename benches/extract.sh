#!/usr/bin/env bash
# Extraction against ripgrep with one IPv4 pattern, with two threads against one, and its peak memory. The method and
# what each figure means: benches/README.md. Needs bash, awk and Rust; says what else a part needs, installs nothing.
set -euo pipefail

# Paths of the caller are from where the caller stands.
from_here() {
    [[ "$1" == /* ]] && echo "$1" || echo "$PWD/$1"
}
[[ -z "${WATCHFIRE_CORPUS:-}" ]] || WATCHFIRE_CORPUS="$(from_here "$WATCHFIRE_CORPUS")"
[[ -z "${WATCHFIRE:-}" ]] || WATCHFIRE="$(from_here "$WATCHFIRE")"
here="$PWD"
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
    cat <<'USAGE'
usage: benches/extract.sh [OPTION]... [PART]...

Parts (all, unless named):
  speed          CPU time of one thread, against rg
  threads        wall-clock time of one thread against two
  memory         peak memory
  instructions   instructions per byte in steady state, under valgrind; does not depend on what else the machine does

Options:
  -i, --input NAME     reports or logs; may be given twice (default: both)
  -n, --runs N         pairs of runs (default 5)
  -s, --size BYTES     size of the input of speed and threads (default 1000000000)
  -m, --memory BYTES   size of the input of memory (default 2000000000)
  -w, --scratch DIR    keep the inputs here and use them again (default: a temporary folder, removed at the end)
  -h, --help           this text

Environment:
  WATCHFIRE_CORPUS     the corpus; reports are skipped without it (default ../shared/corpus)
  WATCHFIRE            the program to measure (default: built here, --release)
  CARGO_TARGET_DIR     where it is built (default target)
USAGE
}

fail() {
    printf 'error: %s\n' "$1" >&2
    [[ -z "${2:-}" ]] || printf 'hint: %s\n' "$2" >&2
    exit 2
}

number() {
    [[ "$2" =~ ^[1-9][0-9_]*$ ]] || fail "'$1' takes a number, not '$2'"
    printf '%s' "${2//_/}"
}

runs=5
size=1000000000
memory_size=2000000000
scratch=''
inputs=()
parts=()
while (($#)); do
    case "$1" in
        -h | --help) usage && exit 0 ;;
        -i | --input | -n | --runs | -s | --size | -m | --memory | -w | --scratch)
            (($# > 1)) || fail "'$1' takes a value"
            case "$1" in
                -i | --input)
                    [[ "$2" == reports || "$2" == logs ]] || fail "there is no input '$2'" "reports or logs"
                    inputs+=("$2")
                    ;;
                -n | --runs) runs="$(number "$1" "$2")" ;;
                -s | --size) size="$(number "$1" "$2")" ;;
                -m | --memory) memory_size="$(number "$1" "$2")" ;;
                -w | --scratch) scratch="$(cd "$here" && from_here "$2")" ;;
            esac
            shift
            ;;
        speed | threads | memory | instructions) parts+=("$1") ;;
        *) fail "there is no option or part '$1'" "benches/extract.sh --help" ;;
    esac
    shift
done
((${#inputs[@]})) || inputs=(reports logs)
((${#parts[@]})) || parts=(speed threads memory instructions)

corpus="${WATCHFIRE_CORPUS:-../shared/corpus}"
target="${CARGO_TARGET_DIR:-target}"
watchfire="${WATCHFIRE:-$target/release/watchfire}"
ipv4='\b(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\b'
if [[ -n "$scratch" ]]; then
    mkdir -p "$scratch"
else
    scratch="$(mktemp -d)"
    trap 'rm -rf "$scratch"' EXIT
fi

asked() {
    local part
    for part in "${parts[@]}"; do [[ "$part" != "$1" ]] || return 0; done
    return 1
}

# Everything that a part needs is asked for before the first minute is spent.
if asked speed && ! command -v rg >/dev/null; then
    fail "'rg' is not installed" "install ripgrep with the system's package manager or 'cargo install ripgrep'"
fi
if asked memory && [[ ! -x /usr/bin/time ]]; then
    fail "'/usr/bin/time' is not installed" "install GNU time; the shell's own does not tell memory"
fi
if asked instructions && ! command -v valgrind >/dev/null; then
    fail "'valgrind' is not installed" "install it with the system's package manager, or name the other parts"
fi
if [[ -z "${WATCHFIRE:-}" ]] && { asked speed || asked threads || asked memory; }; then
    cargo build --release --locked --quiet --bin watchfire
fi

load() {
    [[ -r /proc/loadavg ]] && cut -d ' ' -f 1 /proc/loadavg || echo '-'
}

# The text that an input repeats, as a file's path.
seed_of() {
    if [[ "$1" == reports ]]; then
        echo "$corpus/ioc/reports.txt"
        return
    fi
    if [[ ! -f "$scratch/logs100" ]]; then
        cargo run --release --locked --quiet -p watchfire-testkit --example logs -- 100000000 >"$scratch/logs100.part"
        mv "$scratch/logs100.part" "$scratch/logs100"
    fi
    echo "$scratch/logs100"
}

# `input_of NAME BYTES`: the input repeated to at least so many bytes, in the page cache.
input_of() {
    local seed file="$scratch/$1-$2" length have
    if [[ ! -f "$file" ]]; then
        seed="$(seed_of "$1")"
        length="$(stat -L -c %s "$seed")"
        for ((have = 0; have < $2; have += length)); do cat "$seed"; done >"$file.part"
        mv "$file.part" "$file"
    fi
    cat "$file" >/dev/null
    echo "$file"
}

# Runs a command that writes to nowhere: 'USER+SYS WALL', in seconds.
timed() {
    local TIMEFORMAT='%3U %3S %3R' figures code=0
    figures="$({ time "$@" >/dev/null 2>"$scratch/stderr"; } 2>&1)" || code=$?
    ((code <= 1)) || fail "'$1' ended with $code: $(head -n 1 "$scratch/stderr")"
    awk '{ printf "%.3f %.3f\n", $1 + $2, $3 }' <<<"$figures"
}

# Pairs 'A B' on standard input: median, least and greatest of A, of B and of B / A.
summary() {
    awk -v bytes="$1" -v a="$2" -v b="$3" '
        function sort(list, n,    i, j, x) {
            for (i = 2; i <= n; i++) {
                x = list[i]
                for (j = i - 1; j >= 1 && list[j] > x; j--) list[j + 1] = list[j]
                list[j + 1] = x
            }
        }
        function median(list, n) { return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2 }
        { x[NR] = $1; y[NR] = $2; r[NR] = $2 / $1 }
        END {
            sort(x, NR); sort(y, NR); sort(r, NR)
            line = "  %-24s median %8.3f   least %8.3f   greatest %8.3f"
            printf line " s   %6.0f MB/s\n", a, median(x, NR), x[1], x[NR], bytes / 1e6 / median(x, NR)
            printf line " s   %6.0f MB/s\n", b, median(y, NR), y[1], y[NR], bytes / 1e6 / median(y, NR)
            printf line "\n", "ratio", median(r, NR), r[1], r[NR]
        }'
}

# `pairs FIELD NAME_A NAME_B FILE`: runs `run_a FILE` and `run_b FILE` in turn, A B then B A, and adds up.
pairs() {
    local field="$1" a="$2" b="$3" file="$4" pair first second before
    : >"$scratch/pairs"
    for ((pair = 1; pair <= runs; pair++)); do
        before="$(load)"
        if ((pair % 2)); then
            first="$(run_a "$file")" && second="$(run_b "$file")"
        else
            second="$(run_b "$file")" && first="$(run_a "$file")"
        fi
        awk -v field="$field" -v pair="$pair" -v load="$before" -v all="$first $second" -v out="$scratch/pairs" 'BEGIN {
            split(all, t, " ")
            x = t[field]; y = t[field + 2]
            printf "%.3f %.3f\n", x, y >>out
            printf "  pair %d   %8.3f %8.3f   ratio %.3f   CPU %8.3f %8.3f   wall %8.3f %8.3f   load %s\n",
                pair, x, y, y / x, t[1], t[3], t[2], t[4], load
        }'
    done
    summary "$(stat -L -c %s "$file")" "$a" "$b" <"$scratch/pairs"
}

megabytes() {
    awk -v bytes="$(stat -L -c %s "$1")" 'BEGIN { printf "%.0f MB", bytes / 1e6 }'
}

speed() {
    local file
    file="$(input_of "$1" "$size")"
    printf 'speed, %s, %s: CPU seconds, user and system, one thread; rg / watchfire\n' "$1" "$(megabytes "$file")"
    run_a() { timed "$watchfire" extract -j1 --format ndjson "$1"; }
    run_b() { timed rg -j1 -oN --no-unicode "$ipv4" "$1"; }
    pairs 1 "watchfire, ${1}" "rg, one IPv4 pattern" "$file"
}

threads() {
    local file
    file="$(input_of "$1" "$size")"
    printf 'threads, %s, %s: wall-clock seconds; one thread / two\n' "$1" "$(megabytes "$file")"
    run_a() { timed "$watchfire" extract -j2 --format ndjson "$1"; }
    run_b() { timed "$watchfire" extract -j1 --format ndjson "$1"; }
    pairs 2 "two threads" "one thread" "$file"
}

# `peak FILE THREADS LABEL`: the peak of one run.
peak() {
    /usr/bin/time -f '%M' -o "$scratch/peak" "$watchfire" extract "-j$2" --format ndjson "$1" \
        >"$scratch/found" 2>/dev/null || fail "'$watchfire' failed on '$1'"
    awk -v label="$3" -v kib="$(tail -n 1 "$scratch/peak")" -v lines="$(wc -l <"$scratch/found")" \
        -v bytes="$(wc -c <"$scratch/found")" 'BEGIN {
            printf "  %-24s %7.1f MB   %d distinct observables, %.1f MB of NDJSON\n",
                label, kib * 1024 / 1e6, lines, bytes / 1e6
        }'
}

memory() {
    local file seed
    file="$(input_of "$1" "$memory_size")"
    seed="$(seed_of "$1")"
    printf 'memory, %s, %s: peak resident set\n' "$1" "$(megabytes "$file")"
    head -n 1 "$seed" >"$scratch/line"
    peak "$scratch/line" 1 "one line, one thread"
    peak "$seed" 1 "$(megabytes "$seed"), one thread"
    peak "$file" 1 "$(megabytes "$file"), one thread"
    peak "$file" 2 "$(megabytes "$file"), two threads"
    rm -f "$scratch/found"
}

instructions() {
    local megabytes
    head -c 6000000 "$(seed_of "$1")" >"$scratch/slice"
    for megabytes in 12 24; do
        valgrind --tool=callgrind --callgrind-out-file=/dev/null \
            "$target/release/examples/speed" "$scratch/slice" "$megabytes" 1 2>&1 |
            awk '/Collected/ { print $NF }' >"$scratch/count-$megabytes"
    done
    awk -v name="$1" -v few="$(cat "$scratch/count-12")" -v many="$(cat "$scratch/count-24")" 'BEGIN {
        steady = (many - few) / 12e6
        printf "instructions, %s: %.2f per byte in steady state, %.2f in the first round with start-up\n",
            name, steady, few / 6e6 - steady
    }'
}

if asked instructions; then
    cargo build --release --locked --quiet -p watchfire-extract --example speed
fi
printf '%s' "$("$watchfire" --version | awk 'NR == 1')"
if [[ -z "${WATCHFIRE:-}" ]] && tree="$(git describe --always --dirty 2>/dev/null)"; then printf ' of tree %s' "$tree"; fi
if command -v rg >/dev/null; then printf ', %s' "$(rg --version | awk 'NR == 1')"; fi
printf ', %s CPUs\n' "$(getconf _NPROCESSORS_ONLN)"
for input in "${inputs[@]}"; do
    if [[ "$input" == reports && ! -f "$corpus/ioc/reports.txt" ]]; then
        echo "SKIPPED (no corpus): reports; set WATCHFIRE_CORPUS"
        continue
    fi
    for part in "${parts[@]}"; do "$part" "$input"; done
done
