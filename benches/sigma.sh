#!/usr/bin/env bash
# Sigma rules beside rsigma-eval: agreement on every event, then speed. Needs the corpus, and minutes to build the peer.
#
#   benches/sigma.sh CORPUS [agree|speed|threads]
set -euo pipefail

if [[ $# -lt 1 || $1 == --help ]]; then
    sed -n '2,5p' "$0" | cut -c3-
    exit 0
fi
corpus=$(realpath "$1")
parts=("${2:-agree}")
if [[ $# -lt 2 ]]; then
    parts=(agree speed)
fi
cd "$(dirname "$0")/../tests/peers/sigma"
cargo build --release --locked
program="${CARGO_TARGET_DIR:-target}/release/sigma-peer"
for part in "${parts[@]}"; do
    "$program" "$corpus" "$part"
done
