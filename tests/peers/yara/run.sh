#!/bin/sh
# The same rules on the same files, by Watchfire and by the yara of Debian (4.2): which rules match which files, and where
# their strings stand.
#
#   WATCHFIRE_CORPUS=… tests/peers/yara/run.sh [FOLDER]
#
# RULES are those of the corpus, a namespace for each file. Files are those of /usr/bin, the rule files, the mails and the
# reports of the corpus, and of FOLDER where one is named. Prints the lines that only one of them has, and counts; ends
# with 1 where they differ about a match. A place that only we have is no difference: of a string that a condition wants at
# one place (`$a at 0`), yara looks at that place only. Needs cargo and yara; results of past runs lie beside it.
set -eu

root=$(cd "$(dirname "$0")/../../.." && pwd)
corpus=${WATCHFIRE_CORPUS:?set WATCHFIRE_CORPUS to the folder with the corpora}
rules=$corpus/yara/signature-base
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

{
    find /usr/bin "$rules" "$corpus/mail" "$corpus/ioc" "$@" -type f -size -64M | LC_ALL=C sort
} > "$work/files"

cargo run --quiet --release --manifest-path "$root/Cargo.toml" -p watchfire-yara --example measure -- \
    "$rules" "$work/files" matches > "$work/own.unsorted"
LC_ALL=C sort -u "$work/own.unsorted" > "$work/own"

set --
for file in "$rules"/*.yar "$rules"/*.yara; do
    [ -e "$file" ] && set -- "$@" "$(basename "$file"):$file"
done
yara --version | sed 's/^/yara /'
/usr/bin/time -f 'yara: %e s, %M kB' yara --no-warnings --threads=1 --timeout=600 \
    -d filename= -d filepath= -d extension= -d filetype= -d owner= -d md5= \
    --print-strings "$@" --scan-list "$work/files" 2> "$work/time" > "$work/theirs.unsorted" || true
cat "$work/time"
# A line for each match, `rule file`, then one for each place, `0x10:$a: text`.
awk '/^0x[0-9a-f]+:\$/ { split($0, place, ":"); print match_of "\t" place[1] ":" place[2]; next }
     { sub(/ /, "\t"); match_of = $0; print }' "$work/theirs.unsorted" | LC_ALL=C sort -u > "$work/theirs"

echo "$(wc -l < "$work/files") files; matches and places: $(wc -l < "$work/own") ours, $(wc -l < "$work/theirs") of yara," \
    "$(LC_ALL=C comm -12 "$work/own" "$work/theirs" | wc -l) the same"
LC_ALL=C comm -23 "$work/own" "$work/theirs" | sed 's/^/only ours: /'
LC_ALL=C comm -13 "$work/own" "$work/theirs" | sed 's/^/only yara: /'
for side in own theirs; do
    awk -F '\t' 'NF == 2' "$work/$side" > "$work/$side.matches"
done
! LC_ALL=C comm -13 "$work/own" "$work/theirs" | grep -q . && cmp -s "$work/own.matches" "$work/theirs.matches"
