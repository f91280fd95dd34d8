"""Frames of captures beside tshark: `frames.py CAPTURE_SPEED CAPTURE...`.

Each frame is compared in its innermost packet: addresses, protocol, ports, bytes of TCP or UDP. CAPTURE_SPEED is the
example of that name:

    cargo build --release -p watchfire-capture --example capture_speed

tshark gives every layer of a frame; the last one counts. Messages of ICMP quote packets, so they are left out, and
fragments have no ports. Captures must be unpacked. Every disagreement is printed with its capture and frame.
"""

import collections
import os
import subprocess
import sys

FIELDS = (
    "frame.number ip.src ip.dst ipv6.src ipv6.dst tcp.srcport tcp.dstport tcp.len "
    "udp.srcport udp.dstport udp.length"
).split()

# Neither reassembly nor guesses: what stands in the frame itself.
OPTIONS = ["ip.defragment:FALSE", "ipv6.defragment:FALSE", "tcp.desegment_tcp_streams:FALSE"]


def theirs(path):
    command = ["tshark", "-n", "-r", path, "-T", "fields"]
    command += [word for option in OPTIONS for word in ("-o", option)]
    command += [word for field in FIELDS for word in ("-e", field)]
    for line in subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines():
        values = line.split("\t")
        yield int(values[0]), dict(zip(FIELDS[1:], (value.split(",") if value else [] for value in values[1:])))


def ours(example, path):
    shown = subprocess.run([example, path], capture_output=True, text=True, check=True, env=os.environ | {"SHOW": "1"})
    frames = {}
    for line in shown.stdout.splitlines():
        values = line.split("\t")
        if values[0].isdigit():
            frames[int(values[0])] = values[1:]
    return frames


def differs(mine, other):
    """In what a frame is told otherwise, or None."""
    sources, destinations = other["ip.src"] + other["ipv6.src"], other["ip.dst"] + other["ipv6.dst"]
    if mine is None:
        return "no frame"
    if len(mine) < 3:
        return f"no packet ({mine[0]})" if sources else None
    source, destination, protocol, source_port, destination_port, length, fragment = mine[:7]
    if not sources:
        return "a packet where there is none"
    if source not in sources or destination not in destinations:
        return "addresses"
    if protocol in ("1", "58") or fragment != "None":
        return None
    name = {"6": "tcp", "17": "udp"}.get(protocol)
    if name is None:
        return None
    ports = (other[f"{name}.srcport"][-1:], other[f"{name}.dstport"][-1:])
    if ports != ([source_port], [destination_port]):
        return "ports"
    stated = other["tcp.len"][-1:] if name == "tcp" else [str(int(other["udp.length"][-1]) - 8)]
    return "bytes" if stated and stated != [length] else None


def main(example, paths):
    frames, found = 0, collections.Counter()
    for path in paths:
        mine = ours(example, path)
        for number, other in theirs(path):
            frames += 1
            difference = differs(mine.get(number), other)
            if difference:
                found[difference] += 1
                print(f"{path}\t{number}\t{difference}")
    print(f"{frames} frames, {sum(found.values())} differ: {dict(found)}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
