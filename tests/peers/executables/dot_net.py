#!/usr/bin/env python3
"""Compares what Watchfire says of .NET files with what dnfile says. Usage: dot_net.py FACTS.ndjson"""

import collections
import json
import sys

import dnfile


def peer(path):
    pe = dnfile.dnPE(path)
    tables = pe.net.mdtables
    module = tables.Module.rows[0]
    assembly = tables.Assembly.rows[0] if tables.Assembly else None
    version = None
    if assembly:
        version = [assembly.MajorVersion, assembly.MinorVersion, assembly.BuildNumber, assembly.RevisionNumber]
    return {
        "runtime": pe.net.metadata.struct.Version.rstrip(b"\0").decode(),
        "module": str(module.Name),
        "mvid": str(module.Mvid),
        "assembly": str(assembly.Name) if assembly else None,
        "version": version,
        "references": [str(row.Name) for row in tables.AssemblyRef.rows] if tables.AssemblyRef else [],
        "strong name": pe.net.struct.StrongNameSignatureSize,
    }


def own(facts):
    return {
        "runtime": facts["runtime"],
        "module": facts.get("module"),
        "mvid": facts.get("mvid"),
        "assembly": facts.get("assembly"),
        "version": facts.get("assembly_version"),
        "references": facts["references"],
        "strong name": facts["strong_name"],
    }


def main():
    agree, differ = collections.Counter(), collections.Counter()
    for line in open(sys.argv[1], encoding="utf-8"):
        record = json.loads(line)
        facts = (record["facts"] or {}).get("dot_net")
        if not facts:
            continue
        try:
            theirs = peer(record["path"])
        except Exception as error:
            print("given up:", record["path"], repr(error))
            continue
        ours = own(facts)
        for field in theirs:
            same = ours[field] == theirs[field]
            (agree if same else differ)[field] += 1
            if not same:
                print("differs:", field, record["path"], str(ours[field])[:200], str(theirs[field])[:200])
    for field in agree | differ:
        print(f"{field:14} {agree[field]:6} agree {differ[field]:6} differ")


main()
