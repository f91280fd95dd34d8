"""Cuts a file into line-aligned blocks of 16 KB, in random order: `sample.py FILE MEGABYTES OUT [SEED]`.

Writes OUT.jsonl, one JSON string per line, for the peers, and OUT.txt, the same blocks as one text, for Watchfire.
"""

import json
import random
import sys

BLOCK = 16 * 1024


def starts(text):
    """Where blocks begin: at the first line that begins at or after each multiple of the block's size."""
    yield 0
    for at in range(BLOCK, len(text), BLOCK):
        end = text.find(b"\n", at - 1)
        if end < 0:
            return
        yield end + 1


def main(path, megabytes, out, seed="1"):
    with open(path, "rb") as file:
        text = file.read()
    edges = sorted(set(starts(text)) | {len(text)})
    blocks = list(zip(edges, edges[1:]))
    random.Random(int(seed)).shuffle(blocks)
    left = int(megabytes) * 1_000_000
    with open(out + ".jsonl", "w", encoding="ascii") as lines, open(out + ".txt", "wb") as plain:
        for begin, end in blocks:
            if left <= 0:
                break
            left -= end - begin
            plain.write(text[begin:end])
            lines.write(json.dumps(text[begin:end].decode("utf-8", "replace")) + "\n")


main(*sys.argv[1:])
