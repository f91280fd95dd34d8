#!/usr/bin/env python3
"""Compares what Watchfire and osslsigncode say of signatures.

Usage: signatures.py EXAMPLE FOLDER [FILE.exe ...], where EXAMPLE is the built example `executable` and FOLDER holds what
sign.sh made. Each further file is signed with a certificate of its own, and its digest compared.
"""

import json
import os
import pathlib
import re
import subprocess
import sys


def own(example, files, root):
    lines = "".join(f"{file}\n" for file in files)
    out = subprocess.run([example, "--roots", root], input=lines, capture_output=True, text=True, check=True).stdout
    return {record["path"]: record for record in map(json.loads, out.splitlines())}


def peer(file, root):
    command = ["osslsigncode", "verify", "-CAfile", root, "-TSA-CAfile", root, "-in", file]
    out = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout
    digests = [digest.lower() for digest in re.findall(r"Calculated message digest *: ([0-9A-F]+)", out)]
    verified = re.findall(r"^Signature verification: (\w+)", out, re.M)
    return digests, [word == "ok" for word in verified]


def holds(signature):
    return (
        signature["digest"] == "matches"
        and signature["signed"]["outcome"] == "valid"
        and signature["trust"]["outcome"] == "trusted"
        and signature["validity"]["outcome"] == "valid"
        and signature["for_code"]
    )


def main():
    example, folder, *more = sys.argv[1:]
    folder = pathlib.Path(folder)
    files = sorted(str(file) for file in folder.glob("*.exe"))
    records = own(example, files, folder / "root.der")
    agree, differ = 0, []
    for file in files:
        signed = records[file]["signed"]
        known = {hashed["algorithm"]: hashed["digest"] for hashed in signed["digests"]}
        digests = [known[signature["declared"]["algorithm"]] for signature in signed["signatures"]]
        theirs, verified = peer(file, folder / "root.pem")
        ours = [holds(signature) for signature in signed["signatures"]]
        if digests == theirs and ours == verified:
            agree += 1
        else:
            differ.append((os.path.basename(file), ours, verified, digests == theirs))
    print(f"signed in all ways: {agree} of {len(files)} files agree in digests and outcome")
    for case in differ:
        print("  differs (file, own, peer, same digests):", *case)
    agree = 0
    copies = []
    for number, file in enumerate(more):
        copy = folder / f"more-{number}.signed"
        copy.unlink(missing_ok=True)
        command = ["osslsigncode", "sign", "-certs", folder / "rsa.chain", "-key", folder / "rsa.key", "-h", "sha256"]
        command += ["-in", file, "-out", copy]
        if subprocess.run(command, capture_output=True).returncode == 0:
            copies.append(str(copy))
    records = own(example, copies, folder / "root.der")
    for copy in copies:
        signed = records[copy]["signed"]
        theirs, verified = peer(copy, folder / "root.pem")
        digest = [hashed["digest"] for hashed in signed["digests"] if hashed["algorithm"] == "sha256"]
        if digest == theirs and [holds(signature) for signature in signed["signatures"]] == verified:
            agree += 1
        else:
            print("  differs:", copy, digest, theirs, verified)
    print(f"signed here: {agree} of {len(copies)} files agree ({len(more) - len(copies)} could not be signed)")


main()
