"""How fast one Python peer is: `speed.py PEER SAMPLE.jsonl SECONDS`.

Feeds the sample's blocks until the CPU seconds are spent, importing and a first warm call not counted, and prints one
line. A block that takes longer than the limit below is broken off; its bytes and its time count.
"""

import json
import resource
import signal
import sys
import time

from peers import PEERS, WARM

LIMIT = 30.0


class TooSlow(Exception):
    pass


def too_slow(*_):
    raise TooSlow


def main(name, sample, seconds):
    peer = PEERS[name]()
    peer.find(WARM)
    signal.signal(signal.SIGVTALRM, too_slow)
    # A peer that does not return to Python is ended by the system, not by the alarm.
    resource.setrlimit(resource.RLIMIT_CPU, (int(float(seconds)) + 300, int(float(seconds)) + 300))
    fed = spent = worst = 0.0
    broken_off = 0
    unique = set()
    with open(sample, encoding="ascii") as lines:
        for line in lines:
            text = json.loads(line)
            signal.setitimer(signal.ITIMER_VIRTUAL, LIMIT)
            begin = time.process_time()
            try:
                found = peer.find(text)
            except TooSlow:
                found, broken_off = {}, broken_off + 1
            took = time.process_time() - begin
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            unique.update((kind, value) for kind, values in found.items() for value in values)
            fed, spent, worst = fed + len(text.encode()), spent + took, max(worst, took)
            if spent >= float(seconds):
                break
    note = f", {broken_off} blocks broken off" if broken_off else ""
    print(
        f"{peer.name:<32}{peer.version:>8}{fed / 1e6 / spent:>10.3f} MB/s{fed / 1e6:>9.2f} MB"
        f"{spent:>7.1f} s   worst block {worst:7.3f} s{len(unique):>8} distinct{note}"
    )


main(*sys.argv[1:])
