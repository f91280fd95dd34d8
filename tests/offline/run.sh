#!/usr/bin/env bash
# Runs `cargo test` with the given arguments in a network namespace that has nothing but a loopback: whatever a test
# reaches is on this machine, and whatever needs more fails. The tests are built before, outside of it.
#
# Where the kernel allows no such namespace, or the loopback cannot be raised, it says so and runs them as they are.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

cargo test --locked --no-run --quiet "$@"
# Root stays root: what gives rights away has some to give.
if [ "$(id -u)" = 0 ] && unshare --net sh -c 'ip link set lo up' 2>/dev/null; then
    printf 'without a network: nothing but the loopback is there\n'
    exec unshare --net sh -c 'ip link set lo up; exec "$@"' sh cargo test --locked --offline "$@"
fi
# The user of the tests stays who they are: root of a namespace may read what its owner may not.
if unshare --user --map-root-user --net sh -c 'ip link set lo up' 2>/dev/null; then
    printf 'without a network: nothing but the loopback is there\n'
    exec unshare --user --map-root-user --net sh -c '
        ip link set lo up
        user=$1 group=$2
        shift 2
        if [ "$user" = 0 ]; then exec "$@"; fi
        exec unshare --user --map-user="$user" --map-group="$group" "$@"
    ' sh "$(id -u)" "$(id -g)" cargo test --locked --offline "$@"
fi
printf 'SKIPPED: no network namespace of our own is allowed here; the tests run beside the network\n'
exec cargo test --locked "$@"
