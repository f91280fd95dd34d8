"""Filters of frames beside tcpdump: `filters.py CAPTURE_FILTER CAPTURE...`.

How many frames of each capture match each expression, as tcpdump counts them and as Watchfire does. CAPTURE_FILTER is the
example of that name:

    cargo build --release -p watchfire-capture --example capture_filter

Captures must be unpacked. Every disagreement is printed.
"""

import subprocess
import sys

EXPRESSIONS = [
    "ip", "ip6", "arp", "tcp", "udp", "icmp", "icmp6", "sctp",
    "port 53", "tcp port 80 or 443", "udp src port 53", "dst portrange 1-1023", "port http or domain",
    "net 10.0.0.0/8", "src net 192.168", "dst host 224.0.0.251", "net fe80::/16", "src and dst net 10.0.0.0/8",
    "not (tcp or udp)", "ip and not tcp and not udp", "tcp or udp and port 53",
    "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0", "tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn", "icmp[icmptype] = icmp-echo",
    "less 100", "greater 1000", "len <= 64 or len > 1500", "ip proto 47", "ip multicast",
    "ether broadcast", "ether multicast", "ether proto 0x88cc", "vlan",
]


def theirs(path, expression):
    command = ["tcpdump", "-n", "--count", "-r", path, expression]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    words = ran.stdout.split()
    return int(words[0]) if ran.returncode == 0 and words else None


def ours(example, path):
    ran = subprocess.run([example, *EXPRESSIONS, "--", path], capture_output=True, text=True, check=True)
    if ran.stderr:
        print(ran.stderr)
    return {line.split("\t")[1]: int(line.split("\t")[2]) for line in ran.stdout.splitlines()}


def main(example, paths):
    asked = differ = refused = frames = 0
    for path in paths:
        mine = ours(example, path)
        for expression in EXPRESSIONS:
            other = theirs(path, expression)
            if other is None:
                refused += 1
                continue
            asked += 1
            frames += other
            if other != mine.get(expression):
                differ += 1
                print(f"{path}\t{expression}\ttcpdump {other}\tWatchfire {mine.get(expression)}")
    print(f"{asked} counts of {frames} frames, {differ} differ; tcpdump refuses {refused}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
