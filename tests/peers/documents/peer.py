"""Documents by other writers, and what other readers take out of all of them.

`peer.py make FOLDER` adds documents; `peer.py compare FOLDER OURS` compares what the example `documents` of
watchfire-testkit has printed with what olevba, rtfobj, LnkParse3, pycdlib and msoffcrypto say of the same files.
"""

import hashlib
import io
import pathlib
import struct
import sys

import LnkParse3
import msoffcrypto
import olefile
import pycdlib
import pylnk3
from msoffcrypto.format.ooxml import OOXMLFile
from msoffcrypto.method import rc4_cryptoapi
from oletools import rtfobj
from oletools.olevba import VBA_Parser

FILES = {"Invoice of November.txt": b"hello", "run.js": b"WScript.Echo(1)", "a/nested file.bin": bytes(range(256)) * 30}


def sha(data):
    return hashlib.sha256(data).hexdigest()


def make(folder):
    with open(folder / "new.docm", "rb") as plain, open(folder / "locked.docm", "wb") as out:
        OOXMLFile(plain).encrypt("VelvetSweatshop", out)
    lock_workbook(folder)
    for name, options in [("joliet.iso", {"joliet": 3}), ("rock.iso", {"rock_ridge": "1.09"}), ("plain.iso", {})]:
        iso = pycdlib.PyCdlib()
        iso.new(interchange_level=3, **options)
        rock = {"rr_name": "a"} if "rock_ridge" in options else {}
        iso.add_directory("/A", joliet_path="/a" if "joliet" in options else None, **rock)
        for number, (path, data) in enumerate(FILES.items()):
            short = ("/A" if "/" in path else "") + f"/FILE{number}.BIN;1"
            rock = {"rr_name": path.split("/")[-1]} if "rock_ridge" in options else {}
            joliet = "/" + path if "joliet" in options else None
            iso.add_fp(io.BytesIO(data), len(data), short, joliet_path=joliet, **rock)
        iso.write(str(folder / name))
        iso.close()
    link = pylnk3.for_file(
        "C:\\Windows\\System32\\cmd.exe",
        str(folder / "pylnk3.lnk"),
        arguments="/c echo hello",
        description="a note",
        icon_file="C:\\Windows\\System32\\shell32.dll",
        work_dir="C:\\Users",
    )
    link.save(str(folder / "pylnk3.lnk"))


def lock_workbook(folder):
    """Encrypts a workbook with RC4 by the CryptoAPI, keys made by msoffcrypto; records stand in clear where MS-XLS says."""
    out = folder / "locked.xls"
    out.write_bytes((folder / "macros.xls").read_bytes())
    ole = olefile.OleFileIO(str(out), write_mode=True)
    plain = ole.openstream("Workbook").read()
    salt, password = b"salt of sixteen!", "VelvetSweatshop"
    cipher = lambda block, data: rc4(rc4_cryptoapi._makekey(password, salt, 128, block), data)
    verifier = b"sixteen letters."
    proof = cipher(0, verifier + hashlib.sha1(verifier).digest())
    header = struct.pack("<8I", 4, 0, 0x6801, 0x8004, 128, 1, 0, 0)
    data = struct.pack("<3HII", 1, 4, 2, 4, len(header)) + header + struct.pack("<I", 16) + salt
    data += proof[:16] + struct.pack("<I", 20) + proof[16:]
    record = struct.pack("<HH", 0x2F, len(data)) + data
    # Behind the first record; what follows moves, and the filling at the end gives way.
    first = 4 + struct.unpack_from("<H", plain, 2)[0]
    moved = bytearray((plain[:first] + record + plain[first:])[: len(plain)])
    clear = set()
    at = 0
    while at + 4 <= len(moved):
        kind, length = struct.unpack_from("<HH", moved, at)
        if kind == 0x85:
            struct.pack_into("<I", moved, at + 4, struct.unpack_from("<I", moved, at + 4)[0] + len(record))
        whole = kind in (0x809, 0x2F)
        clear.update(range(at, at + 4 + (length if whole else 4 if kind == 0x85 else 0)))
        at += 4 + length
        if kind == 0 and length == 0:
            break
    packed = b"".join(cipher(at // 1024, bytes(moved[at : at + 1024])) for at in range(0, len(moved), 1024))
    ole.write_stream("Workbook", bytes(moved[at] if at in clear else packed[at] for at in range(len(moved))))
    ole.close()


def rc4(key, data):
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i = j = 0
    out = bytearray()
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def workbook(path):
    """What msoffcrypto reads of the encrypted workbook is the plain one; the plain one has these."""
    if path.name == "locked.xls":
        with open(path, "rb") as file:
            locked = msoffcrypto.OfficeFile(file)
            locked.load_key(password="VelvetSweatshop")
            locked.decrypt(io.BytesIO())
    yield "excel-4", "Auto_Open =exec"


def macros(path):
    parser = VBA_Parser(str(path))
    for _, stream, name, code in parser.extract_macros():
        if code.strip():
            yield name.split("/")[-1].rsplit(".", 1)[0] + ".vba", sha(code.encode("utf-8"))


def objects(path):
    parser = rtfobj.RtfObjParser(path.read_bytes())
    parser.parse()
    for found in parser.objects:
        yield "object", sha(found.olepkgdata if found.is_package else found.oledata)


def disc(path):
    iso = pycdlib.PyCdlib()
    iso.open(str(path))
    how = "joliet_path" if iso.has_joliet() else "rr_path" if iso.has_rock_ridge() else "iso_path"
    for folder, _, names in iso.walk(**{how: "/"}):
        for name in names:
            data = io.BytesIO()
            whole = folder.rstrip("/") + "/" + name
            iso.get_file_from_iso_fp(data, **{how: whole})
            yield whole.lstrip("/").split(";")[0].rstrip("."), sha(data.getvalue())


def link(path):
    with open(path, "rb") as file:
        found = LnkParse3.lnk_file(file).get_json()
    data, extra = found["data"], found["extra"]
    tracker = extra.get("DISTRIBUTED_LINK_TRACKER_BLOCK", {})
    for what, value in [
        ("arguments", data.get("command_line_arguments")),
        ("working", data.get("working_directory")),
        ("icon", data.get("icon_location")),
        ("comment", data.get("description")),
        ("relative", data.get("relative_path")),
        ("machine", tracker.get("machine_identifier")),
    ]:
        if value:
            yield what, value


def compare(folder, ours):
    said = {}
    for line in pathlib.Path(ours).read_text().splitlines():
        path, *rest = line.split("\t")
        root, *inner = path.split(" ▸ ")
        name = pathlib.Path(root).name
        rows = said.setdefault(name, set())
        rows.add((rest[0], rest[1]) if len(rest) == 2 else (inner[-1] if inner else "", rest[0]))
    failed = 0
    for path in sorted(folder.iterdir()):
        reader = {".xls": workbook, ".lnk": link, ".iso": disc, ".rtf": objects}.get(path.suffix, macros)
        # Too small for pycdlib, which wants tables of paths; and nobody's format but OLE's.
        if path.name in ("package.bin", "disc.iso"):
            continue
        if path.name == "locked.docm":
            theirs = [("decrypted document", sha((folder / "new.docm").read_bytes()))]
        else:
            theirs = list(reader(path))
        rows = said.get(path.name, set())
        digests = {digest for _, digest in rows}
        same = [row for row in theirs if row in rows or (row[0] == "object" and row[1] in digests)]
        print(f"{path.name}: {len(same)} of {len(theirs)} equal")
        for row in theirs:
            if row not in same:
                failed += 1
                print("   they say", row, "we say", sorted(value for key, value in rows if key == row[0]))
    print("no difference" if failed == 0 else f"{failed} differences")


if __name__ == "__main__":
    verb, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    make(folder) if verb == "make" else compare(folder, sys.argv[3])
