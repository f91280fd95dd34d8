#!/usr/bin/env python3
"""Compares what Watchfire says of PE files with what pefile says.

Usage: pe.py FACTS.ndjson, the lines of the example `executable` of watchfire-formats. Prints a line for each field and the
first files that differ.
"""

import collections
import hashlib
import json
import sys
import uuid

import pefile

DIRECTORIES = [
    pefile.DIRECTORY_ENTRY["IMAGE_DIRECTORY_ENTRY_" + name]
    for name in ("IMPORT", "DELAY_IMPORT", "EXPORT", "TLS", "RESOURCE", "DEBUG", "COM_DESCRIPTOR", "SECURITY")
]


def text(raw):
    return raw.decode("utf-8", "replace") if raw is not None else None


def functions(entries):
    out = []
    for entry in entries:
        names = []
        for function in entry.imports:
            if function.import_by_ordinal:
                names.append(function.ordinal)
            else:
                names.append(text(function.name))
        out.append([text(entry.dll), names])
    return out


def own_functions(imports):
    out = []
    for library in imports:
        names = [f["name"] if "name" in f else f["ordinal"]["ordinal"] for f in library["functions"]]
        out.append([library["library"], names])
    return out


def guid(pe, debug):
    content = pe.__data__[debug.struct.PointerToRawData :][:20]
    return str(uuid.UUID(bytes_le=bytes(content[4:20]))) if content[:4] == b"RSDS" and debug.struct.Type == 2 else None


def callbacks(pe, tls):
    out, wide = [], pe.PE_TYPE == pefile.OPTIONAL_HEADER_MAGIC_PE_PLUS
    at = tls.struct.AddressOfCallBacks - pe.OPTIONAL_HEADER.ImageBase if tls else 0
    while at > 0 and len(out) < 64:
        address = pe.get_qword_at_rva(at) if wide else pe.get_dword_at_rva(at)
        if not address:
            break
        out.append(address)
        at += 8 if wide else 4
    return out


def resources(pe):
    out = []
    if not hasattr(pe, "DIRECTORY_ENTRY_RESOURCE"):
        return out
    for kind in pe.DIRECTORY_ENTRY_RESOURCE.entries:
        for name in getattr(getattr(kind, "directory", None), "entries", []):
            for language in getattr(getattr(name, "directory", None), "entries", []):
                if hasattr(language, "data"):
                    out.append(
                        [
                            str(kind.name) if kind.name is not None else kind.id,
                            str(name.name) if name.name is not None else name.id,
                            language.id,
                            language.data.struct.Size,
                        ]
                    )
    return out


def own_resources(resources):
    word = lambda name: name["name"] if "name" in name else name["number"]
    return [
        [word(r["kind"]), word(r["name"]), r["language"], r["span"]["end"] - r["span"]["start"]] for r in resources
    ]


def version(pe):
    out = []
    for info in getattr(pe, "FileInfo", [])[:1]:
        for part in info:
            for table in getattr(part, "StringTable", []):
                out += [[text(key), text(value)] for key, value in table.entries.items()]
    return sorted(out)


def peer(path):
    pe = pefile.PE(path, fast_load=True, max_symbol_exports=1 << 16)
    pe.parse_data_directories(DIRECTORIES)
    optional, header = pe.OPTIONAL_HEADER, pe.FILE_HEADER
    sections = sorted(pe.sections, key=lambda s: s.get_file_offset())
    exports = getattr(pe, "DIRECTORY_ENTRY_EXPORT", None)
    tls = getattr(pe, "DIRECTORY_ENTRY_TLS", None)
    rich = pe.parse_rich_header()
    overlay = pe.get_overlay_data_start_offset()
    security = optional.DATA_DIRECTORY[4] if len(optional.DATA_DIRECTORY) > 4 else None
    debug = getattr(pe, "DIRECTORY_ENTRY_DEBUG", [])
    facts = {
        "machine": header.Machine,
        "subsystem": optional.Subsystem,
        "characteristics": header.Characteristics,
        "protections": optional.DllCharacteristics,
        "timestamp": header.TimeDateStamp,
        "linker": [optional.MajorLinkerVersion, optional.MinorLinkerVersion],
        "image base": optional.ImageBase,
        "entry point": optional.AddressOfEntryPoint,
        "size of image": optional.SizeOfImage,
        "checksum": optional.CheckSum,
        "checksum computed": pe.generate_checksum(),
        "section headers": [
            [text(s.Name.rstrip(b"\0")), s.VirtualAddress, s.Misc_VirtualSize, s.PointerToRawData, s.SizeOfRawData]
            for s in sections
        ],
        "section entropy": [round(s.get_entropy() * 1000) for s in sections],
        "imports": functions(getattr(pe, "DIRECTORY_ENTRY_IMPORT", [])),
        "delayed imports": functions(getattr(pe, "DIRECTORY_ENTRY_DELAY_IMPORT", [])),
        "imphash": pe.get_imphash() or None,
        "exports": [[text(e.name), e.ordinal, e.address, text(e.forwarder)] for e in exports.symbols] if exports else None,
        "export name": text(exports.name) if exports else None,
        "tls callbacks": callbacks(pe, tls),
        "rich hash": hashlib.md5(rich["clear_data"]).hexdigest() if rich else None,
        "rich entries": len(rich["values"]) // 2 if rich else None,
        "debug kinds": [d.struct.Type for d in debug],
        "debug paths": [
            text(d.entry.PdbFileName.rstrip(b"\0")) if d.entry is not None and hasattr(d.entry, "PdbFileName") else None
            for d in debug
        ],
        "debug guids": [guid(pe, d) for d in debug],
        "resources": resources(pe),
        "version": version(pe),
        "certificates": [security.VirtualAddress, security.Size] if security and security.VirtualAddress else None,
        "overlay": overlay,
        "dot net": hasattr(pe, "DIRECTORY_ENTRY_COM_DESCRIPTOR")
        or (len(optional.DATA_DIRECTORY) > 14 and optional.DATA_DIRECTORY[14].VirtualAddress != 0),
    }
    pe.close()
    return facts


OWN_MACHINES = {"x86": 0x14C, "x86-64": 0x8664, "arm": 0x1C0, "thumb": 0x1C2, "armv7": 0x1C4, "arm64": 0xAA64}
SUBSYSTEMS = {
    "native": 1, "windows-gui": 2, "windows-console": 3, "windows-ce-gui": 9, "efi-application": 10,
    "efi-boot-driver": 11, "efi-runtime-driver": 12, "efi-rom": 13,
}
CHARACTERISTICS = {
    "relocations-stripped": 1, "executable": 2, "lines-stripped": 4, "symbols-stripped": 8, "large-addresses": 0x20,
    "32-bit": 0x100, "debug-stripped": 0x200, "swap-if-removable": 0x400, "swap-if-network": 0x800, "system": 0x1000,
    "library": 0x2000, "one-processor": 0x4000,
}
PROTECTIONS = {
    "high-entropy-aslr": 0x20, "aslr": 0x40, "force-integrity": 0x80, "nx": 0x100, "no-isolation": 0x200,
    "no-seh": 0x400, "no-bind": 0x800, "app-container": 0x1000, "wdm-driver": 0x2000, "control-flow-guard": 0x4000,
    "terminal-server-aware": 0x8000,
}
DEBUG = {
    "unknown": 0, "coff": 1, "codeview": 2, "fpo": 3, "misc": 4, "vc-feature": 12, "pogo": 13, "iltcg": 14, "repro": 16,
    "embedded-pdb": 17, "pdb-checksum": 19, "extended-characteristics": 20,
}


def number(names, word):
    return names[word] if word in names else int(word, 16)


def bits(names, words):
    return sum(number(names, word) for word in words)


def own(facts):
    exports = facts.get("exports")
    rich = facts.get("rich")
    table = facts.get("certificate_table")
    overlay = facts.get("overlay")
    return {
        "machine": number(OWN_MACHINES, facts["machine"]),
        "subsystem": number(SUBSYSTEMS, facts["subsystem"]),
        "characteristics": bits(CHARACTERISTICS, facts["characteristics"]),
        "protections": bits(PROTECTIONS, facts["protections"]),
        "timestamp": facts["compiled"]["raw"],
        "linker": facts["linker"],
        "image base": facts["image_base"],
        "entry point": facts["entry_point"],
        "size of image": facts["size_of_image"],
        "checksum": facts["checksum"],
        "checksum computed": facts["checksum_computed"],
        "section headers": [
            [s["name"], s["address"], s["virtual_size"], s["offset"], s["raw_size"]] for s in facts["sections"]
        ],
        "section entropy": [s.get("entropy", 0) for s in facts["sections"]],
        "imports": own_functions(facts["imports"]),
        "delayed imports": own_functions(facts["delayed_imports"]),
        "imphash": facts.get("imphash"),
        "exports": [[e.get("name"), e["ordinal"], e["address"], e.get("forwarder")] for e in exports["functions"]]
        if exports
        else None,
        "export name": exports["library"] if exports else None,
        "tls callbacks": facts["tls_callbacks"],
        "rich hash": rich["hash"] if rich else None,
        "rich entries": len(rich["entries"]) if rich else None,
        "debug kinds": [number(DEBUG, d["kind"]) for d in facts["debug"]],
        "debug paths": [d.get("path") for d in facts["debug"]],
        "debug guids": [d.get("guid") for d in facts["debug"]],
        "resources": own_resources(facts["resources"]),
        "version": sorted([s["key"], s["value"]] for s in facts["version"]),
        "certificates": [table["start"], table["end"] - table["start"]] if table else None,
        "overlay": overlay["span"]["start"] if overlay else None,
        "dot net": "dot_net" in facts,
    }


def same(field, ours, theirs, whole):
    if field == "section entropy":
        return len(ours) == len(theirs) and all(abs(a - b) <= 1 for a, b in zip(ours, theirs))
    if field == "overlay":
        # The table of certificates is part of pefile's overlay, and not of Watchfire's; so is filling.
        table = whole["certificates"]
        return ours == theirs or (ours is None and (table is not None or theirs is None or whole["size"] - theirs < 8)) or (
            table is not None and ours == sum(table)
        )
    if field == "debug paths":
        return [path or None for path in ours] == [path or None for path in theirs]
    return ours == theirs


def main():
    agree, differ, examples, failed = collections.Counter(), collections.Counter(), {}, []
    files = 0
    for line in open(sys.argv[1], encoding="utf-8"):
        record = json.loads(line)
        facts = record["facts"]
        if not facts or facts.get("format") != "pe":
            continue
        try:
            theirs = peer(record["path"])
        except Exception as error:  # pefile gives files up with many kinds of errors
            failed.append((record["path"], repr(error)))
            continue
        files += 1
        ours = own(facts)
        with open(record["path"], "rb") as file:
            ours["size"] = len(file.read())
        for field in theirs:
            if same(field, ours[field], theirs[field], ours):
                agree[field] += 1
            else:
                differ[field] += 1
                examples.setdefault(field, []).append((record["path"], ours[field], theirs[field]))
    print(f"{files} files compared, {len(failed)} that pefile gives up")
    for field in agree | differ:
        print(f"{field:20} {agree[field]:6} agree {differ[field]:6} differ")
    for field, cases in examples.items():
        for path, ours, theirs in cases[:3]:
            print(f"\n{field}: {path}\n  own  {str(ours)[:600]}\n  peer {str(theirs)[:600]}")
    for path, error in failed[:5]:
        print("given up:", path, error)


main()
