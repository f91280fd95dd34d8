#!/usr/bin/env python3
"""Compares what Watchfire says of ELF files with what pyelftools says, and digests of similarity with ssdeep and py-tlsh.

Usage: elf.py FACTS.ndjson, the lines of the example `executable` of watchfire-formats.
"""

import collections
import json
import subprocess
import sys

import tlsh
from elftools.elf.elffile import ELFFile


def text(raw):
    return raw if isinstance(raw, str) else raw.decode("utf-8", "replace")


def peer(path):
    with open(path, "rb") as file:
        elf = ELFFile(file)
        dynamic, stack, relro, interpreter = {}, "unsaid", False, None
        build_id, needed = None, []
        for segment in elf.iter_segments():
            kind = segment["p_type"]
            if kind == "PT_INTERP":
                interpreter = segment.get_interp_name()
            elif kind == "PT_GNU_STACK":
                stack = "executable" if segment["p_flags"] & 1 else "protected"
            elif kind == "PT_GNU_RELRO":
                relro = True
            elif kind == "PT_DYNAMIC":
                for tag in segment.iter_tags():
                    if tag.entry.d_tag == "DT_NEEDED":
                        needed.append(tag.needed)
                    elif tag.entry.d_tag == "DT_SONAME":
                        dynamic["soname"] = tag.soname
                    elif tag.entry.d_tag == "DT_RPATH":
                        dynamic["rpath"] = tag.rpath
                    elif tag.entry.d_tag == "DT_RUNPATH":
                        dynamic["runpath"] = tag.runpath
                    else:
                        dynamic[tag.entry.d_tag] = tag.entry.d_val
        sections = []
        for section in elf.iter_sections():
            sections.append([section.name, section["sh_addr"], section["sh_offset"], section["sh_size"]])
            if section["sh_type"] == "SHT_NOTE" and build_id is None:
                for note in section.iter_notes():
                    if note["n_type"] == "NT_GNU_BUILD_ID":
                        build_id = note["n_desc"]
        now = (
            "DT_BIND_NOW" in dynamic
            or dynamic.get("DT_FLAGS", 0) & 8 != 0
            or dynamic.get("DT_FLAGS_1", 0) & 1 != 0
        )
        symbols = elf.get_section_by_name(".dynsym")
        symbols = symbols if hasattr(symbols, "iter_symbols") else None
        imports, exports = set(), 0
        for symbol in symbols.iter_symbols() if symbols else ():
            if not symbol.name or symbol["st_info"]["bind"] not in ("STB_GLOBAL", "STB_WEAK", "STB_LOOS"):
                continue
            if symbol["st_shndx"] == "SHN_UNDEF":
                imports.add(symbol.name)
            else:
                exports += 1
        return {
            "bits": elf.elfclass,
            "big endian": not elf.little_endian,
            "entry point": elf["e_entry"],
            "interpreter": interpreter,
            "needed": needed,
            "soname": dynamic.get("soname"),
            "rpath": dynamic.get("rpath"),
            "runpath": dynamic.get("runpath"),
            "build id": build_id,
            "sections": sections,
            "segments": [[s["p_offset"], s["p_filesz"], s["p_memsz"], s["p_vaddr"]] for s in elf.iter_segments()],
            "stack": stack,
            "relro": "none" if not relro else "full" if now else "partial",
            "stripped": elf.get_section_by_name(".symtab") is None,
            "imports": sorted(imports),
            "exports": exports,
        }


def own(facts):
    return {
        "bits": facts["bits"],
        "big endian": facts["big_endian"],
        "entry point": facts["entry_point"],
        "interpreter": facts.get("interpreter"),
        "needed": facts["needed"],
        "soname": facts.get("soname"),
        "rpath": facts.get("rpath"),
        "runpath": facts.get("runpath"),
        "build id": facts.get("build_id"),
        "sections": [[s["name"], s["address"], s["offset"], s["size"]] for s in facts["sections"]],
        "segments": [[s["offset"], s["size"], s["memory_size"], s["address"]] for s in facts["segments"]],
        "stack": facts["stack"],
        "relro": facts["relro"],
        "stripped": facts["stripped"],
        "imports": sorted(facts["imports"]),
        "exports": facts["exports"],
    }


def main():
    agree, differ, examples = collections.Counter(), collections.Counter(), {}

    def compare(field, path, ours, theirs):
        if ours == theirs:
            agree[field] += 1
        else:
            differ[field] += 1
            examples.setdefault(field, []).append((path, ours, theirs))

    records = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
    given_up = 0
    for record in records:
        facts = record["facts"]
        if not facts or facts.get("format") != "elf":
            continue
        try:
            theirs = peer(record["path"])
        except Exception as error:
            given_up += 1
            print("given up:", record["path"], repr(error))
            continue
        ours = own(facts)
        for field in theirs:
            compare(field, record["path"], ours[field], theirs[field])
    paths = [record["path"] for record in records]
    digests = {}
    for start in range(0, len(paths), 200):
        out = subprocess.run(["ssdeep", *paths[start : start + 200]], capture_output=True, text=True).stdout
        for line in out.splitlines()[1:]:
            digest, path = line.split(",", 1)
            digests[path.strip('"')] = digest
    for record in records:
        path = record["path"]
        with open(path, "rb") as file:
            content = file.read()
        theirs = tlsh.hash(content)
        compare("tlsh", path, record["tlsh"], None if theirs in ("TNULL", "") else theirs)
        # The program leaves out what is shorter than 4 KiB.
        if path in digests and len(content) > 4096:
            compare("ssdeep", path, record["ssdeep"], digests[path])
    print(f"{given_up} files that pyelftools gives up")
    for field in agree | differ:
        print(f"{field:14} {agree[field]:6} agree {differ[field]:6} differ")
    for field, cases in examples.items():
        for path, ours, theirs in cases[:3]:
            print(f"\n{field}: {path}\n  own  {str(ours)[:300]}\n  peer {str(theirs)[:300]}")


main()
